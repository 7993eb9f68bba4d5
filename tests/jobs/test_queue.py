"""The queue: each attempt once, explained when Redis is down."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name

import pytest
import redis

from bot.workspace.databases import ScratchServer
from jobs.interruption import interruption_first
from jobs.queue import FUNCTIONS, SCHEDULED, Queue, QueueUnavailable, StepTimeout, step_time_limit


@pytest.fixture
def queue(redis_url: str) -> Queue:
    redis.Redis.from_url(redis_url).flushall()
    return Queue(redis_url)


def test_an_attempt_is_queued_once(queue: Queue) -> None:
    for attempt in (0, 0, 1):
        queue.enqueue_run(5, attempt)
        queue.enqueue_delivery("d-1", attempt)
    assert queue.list_jobs("runs") == ("run-5-0", "run-5-1")
    assert queue.list_jobs("deliveries") == ("delivery-d-1-0", "delivery-d-1-1")


def test_a_job_that_failed_is_queued_again(queue: Queue, redis_url: str) -> None:
    queue.enqueue_run(5)
    connection = redis.Redis.from_url(redis_url)
    connection.delete("rq:queue:specwright-runs")
    connection.hset("rq:job:run-5-0", "status", "failed")
    queue.enqueue_run(5)
    assert queue.list_jobs("runs") == ("run-5-0",)


def test_a_queue_that_is_down_says_so(tmp_path: Path) -> None:
    queue = Queue(f"unix://{tmp_path}/no-such.sock")
    assert not queue.is_ready()
    with pytest.raises(QueueUnavailable, match="Redis does not answer"):
        queue.enqueue_run(1)


def test_a_password_is_not_told() -> None:
    with pytest.raises(QueueUnavailable) as caught:
        Queue("redis://user:hidden@127.0.0.1:1/0").check()
    assert "hidden" not in str(caught.value)


def test_what_is_queued_by_name_exists() -> None:
    for name in (*FUNCTIONS.values(), SCHEDULED):
        module, _, function = name.rpartition(".")
        assert callable(resolve_name(f"{module}:{function}"))


def test_a_step_that_takes_too_long_is_interrupted_while_it_waits_for_a_program() -> None:
    began = time.monotonic()
    with pytest.raises(StepTimeout, match=r"0\.2 s"), step_time_limit(0.2):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"], check=True)
    assert time.monotonic() - began < 30


def test_an_interruption_in_the_middle_of_a_statement_is_still_one(scratch_server: ScratchServer) -> None:
    """No error of the clean-up hides the reason, and the server can be used afterwards."""
    for limit_seconds in (milliseconds / 1000 for milliseconds in range(2, 100, 4)):
        with suppress(StepTimeout), step_time_limit(limit_seconds), interruption_first():
            for _ in range(20):
                scratch_server.drop(scratch_server.create())
    scratch_server.drop(scratch_server.create())


def test_a_step_in_time_is_left_alone() -> None:
    with step_time_limit(60):
        done = True
    assert done
