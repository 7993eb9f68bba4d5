"""What `specwright worker` runs: worker processes that are replaced when they die, and a sweep beside them.

RQ's own pool gives all its workers the same queues. Here one worker is for deliveries alone, so that removing a label
cancels a run while every other worker is busy with one.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Literal

from bot.config import Settings
from bot.implement.claude.client import load_sdk
from bot.store import Store
from jobs.logs import LogFormat, start_logs
from jobs.queue import Queue, QueueName, run_cron, run_worker
from jobs.sweep import sweep_until

logger = logging.getLogger(__name__)

Role = QueueName | Literal["cron"]

GRACE_SECONDS = 5  # a job that is not done by then is ended; a run goes on at its first unfinished step elsewhere
LOOK_SECONDS = 0.5
RESPAWN_SECONDS = 1

# The workers fork, so they must not be forked from a process that has threads and connections.
_spawning = multiprocessing.get_context("spawn")


def work(settings: Settings, count: int) -> None:
    """Works until SIGINT or SIGTERM: a worker for deliveries, one for drift checks, `count` for runs, and RQ's cron."""
    store = Store(settings.get_database_url(), runs_per_repository=settings.runs_per_repository)
    stop = threading.Event()
    arguments = (stop, store, Queue(settings.redis_url), settings.sweep_seconds)
    sweeper = threading.Thread(target=sweep_until, args=arguments, name="sweep", daemon=True)
    sweeper.start()
    roles: list[Role] = ["cron", "deliveries", "checks", *["runs"] * count]  # type: ignore[list-item]  # mypy widens the literal
    try:
        asks_models = settings.anthropic_api_key is not None
        Crew(settings.redis_url, roles, settings.log_format, settings.schedule_seconds, asks_models).run()
    finally:
        stop.set()
        sweeper.join(GRACE_SECONDS)
        store.close()


@dataclass
class Crew:
    """The worker processes, by their place in `roles`; `asks_models` says that their runs may ask a model."""

    redis_url: str
    roles: Sequence[Role]
    log_format: LogFormat = "text"
    schedule_seconds: int = 60
    asks_models: bool = False
    stopping: bool = False
    processes: dict[int, BaseProcess] = field(default_factory=dict)

    def run(self) -> None:
        """Keeps a worker in each role until a signal, then ends them all."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        self._fill()
        while not self.stopping:
            if wait([process.sentinel for process in self.processes.values()], LOOK_SECONDS):
                time.sleep(RESPAWN_SECONDS)  # while Redis is down a new worker dies at once
                self._fill()
        self._end()

    def _request_stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _fill(self) -> None:
        for place, role in enumerate(self.roles):
            previous = self.processes.get(place)
            if self.stopping or (previous is not None and previous.is_alive()):
                continue
            if previous is not None:
                logger.warning("worker died and is replaced", extra={"queue": role, "exit_code": previous.exitcode})
            asks_models = self.asks_models and role == "runs"
            arguments = (self.redis_url, role, self.log_format, self.schedule_seconds, asks_models)
            self.processes[place] = _spawning.Process(target=_work_alone, args=arguments, name=f"worker-{place}")
            self.processes[place].start()

    def _end(self) -> None:
        logger.info("stopping: jobs have a grace time", extra={"grace_seconds": GRACE_SECONDS})
        _signal_all(self.processes.values(), BaseProcess.terminate)
        if not _join_all(self.processes.values()):
            _signal_all(self.processes.values(), BaseProcess.terminate)  # the second makes RQ end the job as well
            if not _join_all(self.processes.values()):
                _signal_all(self.processes.values(), BaseProcess.kill)


def _signal_all(processes: Iterable[BaseProcess], action: Callable[[BaseProcess], None]) -> None:
    for process in processes:
        if process.is_alive():
            action(process)


def _join_all(processes: Iterable[BaseProcess]) -> bool:
    deadline = time.monotonic() + GRACE_SECONDS
    waiting = list(processes)
    for process in waiting:
        process.join(max(0.0, deadline - time.monotonic()))
    return not any(process.is_alive() for process in waiting)


def _work_alone(redis_url: str, role: Role, log_format: LogFormat, schedule_seconds: int, asks_models: bool) -> None:
    start_logs(log_format)
    if asks_models:
        load_sdk()  # here once, and not again in each process that is forked for a run
    threading.Thread(target=_follow_parent, name="follow parent", daemon=True).start()
    if role == "cron":
        run_cron(redis_url, schedule_seconds)
    else:
        run_worker(redis_url, role)


def _follow_parent() -> None:
    """Ends this worker when the one who started it was killed: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        logger.error("the parent of this worker is gone, stopping")
        os.kill(os.getpid(), signal.SIGTERM)
