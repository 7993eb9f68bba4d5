"""The sweep: what was lost is queued again, and not for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bot.store import Store
from bot.store.upgrade import upgrade
from jobs import sweep as sweeping
from jobs.queue import Queue
from jobs.sweep import MAX_ATTEMPTS, sweep, sweep_until
from tests.store.runs import make_run

HOUR = 3600.0


@pytest.fixture
def queue(redis_url: str) -> Queue:
    redis.Redis.from_url(redis_url).flushall()
    return Queue(redis_url)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(sweeping, "FRESH_SECONDS", 0)
    opened = Store(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(opened.engine)
    yield opened
    opened.close()


def test_a_delivery_that_was_not_queued_is_queued_once(store: Store, queue: Queue) -> None:
    store.record_delivery("d-1", "ping", None, None, b"{}")
    assert sweep(store, queue, HOUR) == 1
    assert sweep(store, queue, HOUR) == 0
    assert queue.list_jobs("deliveries") == ("delivery-d-1-0",)
    assert store.get_delivery("d-1").state == "queued"


def test_a_run_whose_worker_died_is_queued_as_another_attempt(store: Store, queue: Queue) -> None:
    run_id = make_run(store)
    store.mark_delivery("d-1", "done")
    queue.enqueue_run(run_id)
    store.claim_run(run_id, "killed", 0)
    for _ in range(2):
        assert sweep(store, queue, HOUR) == 1
    assert queue.list_jobs("runs") == (f"run-{run_id}-0", f"run-{run_id}-1")


def test_a_run_that_is_worked_on_is_left_alone(store: Store, queue: Queue) -> None:
    run_id = make_run(store)
    store.mark_delivery("d-1", "done")
    store.claim_run(run_id, "alive", HOUR)
    assert sweep(store, queue, 0) == 0


def test_a_run_that_was_never_queued_is_queued(store: Store, queue: Queue) -> None:
    run_id = make_run(store)
    store.mark_delivery("d-1", "done")
    assert sweep(store, queue, HOUR) == 0
    assert sweep(store, queue, 0) == 1
    assert queue.list_jobs("runs") == (f"run-{run_id}-0",)


def test_a_run_that_kills_every_worker_is_given_up(store: Store, queue: Queue) -> None:
    run_id = make_run(store)
    store.mark_delivery("d-1", "done")
    for _ in range(MAX_ATTEMPTS + 1):
        assert store.get_run(run_id).status in ("queued", "running")
        sweep(store, queue, 0)
        store.claim_run(run_id, "killed", 0)
    sweep(store, queue, 0)
    run = store.get_run(run_id)
    assert (run.status, run.detail) == ("failed", f"its worker died {MAX_ATTEMPTS + 1} times")
    assert len(queue.list_jobs("runs")) == MAX_ATTEMPTS + 1


def test_one_that_cannot_be_queued_holds_up_no_other(store: Store, queue: Queue) -> None:
    store.record_delivery("no id of RQ's", "ping", None, None, b"{}")
    store.record_delivery("d-2", "ping", None, None, b"{}")
    sweep(store, queue, HOUR)
    assert queue.list_jobs("deliveries") == ("delivery-d-2-0",)


def test_sweeping_outlives_whatever_is_down(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store.record_delivery("d-1", "ping", None, None, b"{}")
    stop = threading.Event()
    down = Queue(f"unix://{tmp_path}/no-such.sock")
    thread = threading.Thread(target=sweep_until, args=(stop, store, down, 0.01))
    thread.start()
    while len(caplog.records) < 2:
        thread.join(0.01)
    stop.set()
    thread.join()
    assert "Redis does not answer" in caplog.text
    assert store.get_delivery("d-1").state == "accepted"
