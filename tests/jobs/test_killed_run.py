"""A run whose worker is killed with SIGKILL in the middle of it, together with the process that does the work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from bot.store import Store
from bot.store.upgrade import upgrade
from jobs import queue as queues
from jobs.queue import Queue
from jobs.sweep import sweep
from tests.jobs.processes import DEADLINE_SECONDS, wait_until
from tests.store.runs import make_run

ROOT = Path(__file__).parents[2]


@contextmanager
def work_on_runs(redis_url: str, store_url: str, pid_file: Path) -> Iterator[None]:
    environment = {**os.environ, "STORE_URL": store_url, "PID_FILE": str(pid_file)}
    process = subprocess.Popen([sys.executable, "-m", "tests.jobs.slow_run", redis_url], env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(DEADLINE_SECONDS)


def test_a_run_goes_on_elsewhere_and_its_place_is_free(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queues.FUNCTIONS, "runs", "tests.jobs.slow_run.run")
    redis.Redis.from_url(redis_url).flushall()
    store_url, pid_file = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "pids"
    store, queue = Store(store_url), Queue(redis_url)
    upgrade(store.engine)
    first, second = make_run(store, "d-1"), make_run(store, "d-2", issue=13)
    for delivery_id in ("d-1", "d-2"):
        store.mark_delivery(delivery_id, "done")
    with work_on_runs(redis_url, store_url, pid_file):
        queue.enqueue_run(first)
        wait_until(lambda: pid_file.exists() and pid_file.read_text(), "the run is being worked on")
        for pid in pid_file.read_text().split():
            os.kill(int(pid), signal.SIGKILL)

    with work_on_runs(redis_url, store_url, pid_file):
        ended = ("finished", "finished")
        wait_until(
            lambda: [sweep(store, queue, 0), (store.get_run(first).status, store.get_run(second).status)][1] == ended,
            "both runs end: the killed one, and the other one that its place in the limit kept waiting",
        )
    assert store.get_run(first).detail == "attempt 2"
    assert store.get_run(first).attempts == 2
    store.close()
