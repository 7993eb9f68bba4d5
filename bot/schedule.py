"""When a cron expression of a time zone is due."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter  # type: ignore[import-untyped]

MAX_JITTER_SECONDS = 600


def is_cron(expression: str) -> bool:
    """Whether it is five fields that can be due at all."""
    if len(expression.split()) != 5:
        return False
    try:
        croniter(expression, datetime(2026, 1, 1)).get_next(datetime)
    except CroniterError:  # also for a date that no year has
        return False
    return True


def find_next(expression: str, time_zone: str, after: datetime, key: str) -> datetime:
    """The next time that is due after `after` (aware), in UTC, later by the jitter of that key.

    The jitter spreads those who are due at the same time over minutes: it is always the same for the same key, and
    less than half the time between two that are due.
    """
    start = after
    first = _find_next(expression, time_zone, start - timedelta(seconds=MAX_JITTER_SECONDS))
    while True:
        second = _find_next(expression, time_zone, first)
        due = first + min(_get_jitter(key), (second - first) / 2)
        if due > after:
            return due
        first = second


def _find_next(expression: str, time_zone: str, after: datetime) -> datetime:
    """Fields are of the local time. A local time that comes twice in autumn counts once, the first time."""
    zone = ZoneInfo(time_zone)
    candidates = croniter(expression, after.astimezone(zone).replace(tzinfo=None))
    while True:
        local: datetime = candidates.get_next(datetime)
        found = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if found > after:
            return found


def _get_jitter(key: str) -> timedelta:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4])
    return timedelta(seconds=number % MAX_JITTER_SECONDS)
