"""What is due is queued: once, whatever was missed and however many look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from bot.config import parse_repository_config
from bot.store import DriftResult
from bot.store.upgrade import upgrade
from jobs.parts import Parts, make_parts
from jobs.schedule import note_schedule, queue_due
from tests.handlers.settings import make_settings

HOURLY = parse_repository_config("drift: {schedule: {cron: '0 * * * *'}}")
HOUR = timedelta(hours=1)


@pytest.fixture
def parts(tmp_path: Path, redis_url: str) -> Iterator[Parts]:
    redis.Redis.from_url(redis_url).flushall()
    made = make_parts(make_settings(tmp_path, redis_url))
    upgrade(made.store.engine)
    yield made
    made.store.close()


def finish(parts: Parts, check_id: int) -> None:
    assert parts.store.claim_drift_check(check_id, "a", 60)
    assert parts.store.finish_drift_check(check_id, "a", DriftResult("none"))


def test_missed_times_are_caught_up_once(parts: Parts) -> None:
    note_schedule(parts, "acme/shop", 7, HOURLY)
    now = datetime.now(UTC)
    queue_due(parts, now)
    assert parts.queue.list_jobs("checks") == ()
    for _ in range(2):
        queue_due(parts, now + 5 * HOUR)
    assert parts.queue.list_jobs("checks") == ("check-1-0",)
    finish(parts, 1)
    queue_due(parts, now + 5 * HOUR)
    assert parts.queue.list_jobs("checks") == ("check-1-0",)
    queue_due(parts, now + 6 * HOUR)
    assert parts.queue.list_jobs("checks") == ("check-1-0", "check-2-0")


def test_a_look_that_was_cut_off_asks_for_nothing_twice(parts: Parts) -> None:
    """The worker dies after it asked, before the next time was set."""
    note_schedule(parts, "acme/shop", 7, HOURLY)
    later = datetime.now(UTC) + HOUR
    (schedule,) = parts.store.list_due_schedules(later)
    queue_due(parts, later)
    finish(parts, 1)
    assert parts.store.advance_drift_schedule(parts.store.list_due_schedules(later + HOUR)[0], schedule.due or later)
    queue_due(parts, later)
    assert len(parts.store.list_drift_checks("acme/shop")) == 1
    assert parts.store.list_stuck_drift_checks() == ()


def test_a_schedule_that_is_taken_out(parts: Parts) -> None:
    note_schedule(parts, "acme/shop", 7, HOURLY)
    note_schedule(parts, "acme/shop", 7, parse_repository_config(""))
    queue_due(parts, datetime.now(UTC) + 9 * HOUR)
    assert parts.queue.list_jobs("checks") == ()
