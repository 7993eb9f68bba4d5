"""`specwright worker` as a process: it takes deliveries to their handlers whatever dies."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import rq

from bot.store.upgrade import upgrade
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_installation_body, make_settings
from tests.jobs.processes import is_alive, list_children, run_redis, run_worker, wait_until


@pytest.fixture
def socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sw-") as directory:  # a socket's path must be short
        yield Path(directory) / "redis.sock"


@pytest.fixture
def parts(tmp_path: Path, socket: Path) -> Iterator[Parts]:
    made = make_parts(make_settings(tmp_path, f"unix://{socket}"))
    upgrade(made.store.engine)
    yield made
    made.store.close()


def deliver(parts: Parts, delivery_id: str, *repositories: str) -> None:
    body = make_installation_body(7, *repositories)
    parts.store.record_delivery(delivery_id, "installation", "created", 7, body)


def wait_for_end(parts: Parts, delivery_id: str) -> None:
    wait_until(lambda: parts.store.get_delivery(delivery_id).state == "done", f"delivery {delivery_id} is done")


def test_deliveries_survive_a_redis_that_comes_and_goes(parts: Parts, socket: Path) -> None:
    deliver(parts, "before-redis", "acme/a")
    with run_worker(parts.settings):
        with run_redis(socket):
            wait_for_end(parts, "before-redis")
        deliver(parts, "without-redis", "acme/b")
        with run_redis(socket):
            wait_for_end(parts, "without-redis")
    assert parts.store.find_repositories(7) == ("acme/a", "acme/b")


def test_a_killed_worker_is_replaced(parts: Parts, socket: Path) -> None:
    with run_redis(socket), run_worker(parts.settings) as worker:
        wait_until(lambda: len(list_children(worker.pid)) == 4, "cron, and a worker each for deliveries, checks, runs")
        children = list_children(worker.pid)
        for child in children:
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: set(list_children(worker.pid)) - set(children), "another worker")
        deliver(parts, "after-kill", "acme/a")
        wait_for_end(parts, "after-kill")


def test_no_worker_outlives_the_one_who_started_it(parts: Parts, socket: Path) -> None:
    with run_redis(socket), run_worker(parts.settings) as worker:
        deliver(parts, "d-1")
        wait_for_end(parts, "d-1")
        children = list_children(worker.pid)
        worker.kill()
        wait_until(lambda: not any(map(is_alive, children)), "the workers end with their parent")


def test_a_signal_ends_everything(parts: Parts, socket: Path) -> None:
    with run_redis(socket):
        with run_worker(parts.settings) as worker:
            deliver(parts, "d-1")
            wait_for_end(parts, "d-1")
            children = list_children(worker.pid)
        assert worker.returncode == 0
        assert not any(map(is_alive, children))
        assert redis.Redis(unix_socket_path=str(socket)).smembers("rq:workers") == set()


def test_a_signal_does_not_wait_for_a_job_that_takes_long(parts: Parts, socket: Path) -> None:
    with run_redis(socket):
        connection = redis.Redis(unix_socket_path=str(socket))
        with run_worker(parts.settings) as worker:
            rq.Queue("specwright-deliveries", connection=connection).enqueue("time.sleep", 3600, job_id="long")
            wait_until(lambda: connection.hget("rq:job:long", "status") == b"started", "the job is being worked on")
            horses = [horse for child in list_children(worker.pid) for horse in list_children(child)]
        assert worker.returncode == 0
        assert len(horses) == 1
        assert not any(map(is_alive, horses))
