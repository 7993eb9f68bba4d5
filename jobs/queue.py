"""The queue: the one door to RQ and Redis.

Redis carries only ids; what must not be lost is in the store. So a job may be queued twice or be lost: the lease on a
run makes the first harmless, `jobs.sweep` mends the second.

The limit of runs per repository is held where the lease is taken (`Store.claim_run`) and not by RQ's `RateLimit`. In RQ
3.0 the slot of a killed worker's job stays taken while the job counts as started: until some worker's maintenance finds
its heartbeat expired, minutes later (rq/rate_limit.py, RELEASE_STALE_AND_ENQUEUE_SCRIPT), or for ever when no worker is
left; and a rate-limited job cannot have a unique id (rq/queue.py, Queue.enqueue_job). A lease ends by itself.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Literal

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue as RqQueue
from rq import Worker
from rq.cron import CronScheduler
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from rq.timeouts import JobTimeoutException as JobTimeout

from jobs.interruption import Interruption

__all__ = [
    "JobTimeout",
    "Queue",
    "QueueName",
    "QueueUnavailable",
    "StepTimeout",
    "run_cron",
    "run_worker",
    "step_time_limit",
]

QueueName = Literal["deliveries", "runs", "checks"]
FUNCTIONS: dict[QueueName, str] = {
    "deliveries": "handlers.dispatch.run",
    "runs": "jobs.implement.run",
    "checks": "jobs.drift.run",
}

SCHEDULED = "jobs.schedule.run"

DELIVERY_TIMEOUT_SECONDS = 300
UNLIMITED = -1  # RQ's own limit of a job; the steps of a run have theirs
FAILURE_TTL_SECONDS = 24 * 3600
CONNECT_TIMEOUT_SECONDS = 2
MAINTENANCE_SECONDS = 60
ENDED = frozenset({"finished", "failed", "stopped", "canceled"})


class QueueUnavailable(Exception):
    """Redis does not answer. What was to be queued is in the store, and the sweep will queue it."""


class StepTimeout(Exception, Interruption):
    """A step took longer than its limit."""


class Queue:
    """The queues of deliveries, of runs and of drift checks.

    Each has workers of its own, so that no run ever holds up a webhook, nor a thousand checks a run.
    """

    def __init__(self, redis_url: str) -> None:
        # The request path must not wait: one retry at once mends a connection that Redis closed, no more.
        self._redis: Redis = Redis.from_url(
            redis_url,
            retry=Retry(NoBackoff(), 1),
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=CONNECT_TIMEOUT_SECONDS,
        )
        self._queues = {name: RqQueue(_prefix(name), connection=self._redis) for name in FUNCTIONS}

    def enqueue_delivery(self, delivery_id: str, attempt: int = 0) -> None:
        """Queues the dispatch of a recorded delivery, unless that attempt is queued. Raises `QueueUnavailable`."""
        self._enqueue("deliveries", f"delivery-{delivery_id}-{attempt}", delivery_id, DELIVERY_TIMEOUT_SECONDS)

    def enqueue_run(self, run_id: int, attempt: int = 0) -> None:
        """Queues a run, unless that attempt is queued: give `Run.attempts`. Raises `QueueUnavailable`.

        The attempt is part of the job's id, because a killed worker leaves a job behind that counts as started.
        """
        self._enqueue("runs", f"run-{run_id}-{attempt}", run_id, UNLIMITED)

    def enqueue_check(self, check_id: int, attempt: int = 0) -> None:
        """As `enqueue_run`, for a drift check."""
        self._enqueue("checks", f"check-{check_id}-{attempt}", check_id, UNLIMITED)

    def list_jobs(self, name: QueueName) -> Sequence[str]:
        """The ids of the jobs that wait for a worker. Raises `QueueUnavailable`."""
        with _explained():
            return tuple(self._queues[name].job_ids)

    def check(self) -> None:
        """Raises `QueueUnavailable` when Redis does not answer."""
        with _explained():
            self._redis.ping()

    def is_ready(self) -> bool:
        """Whether Redis answers."""
        try:
            self.check()
        except QueueUnavailable:
            return False
        return True

    def _enqueue(self, name: QueueName, job_id: str, argument: object, timeout_seconds: int) -> None:
        queue = self._queues[name]
        with _explained():
            _forget_ended(queue, job_id)
            try:
                queue.enqueue_call(
                    FUNCTIONS[name],
                    (argument,),
                    timeout=timeout_seconds,
                    result_ttl=0,
                    failure_ttl=FAILURE_TTL_SECONDS,
                    job_id=job_id,
                    unique=True,
                )
            except DuplicateJobError:
                return  # it is queued or being worked on


class _Worker(Worker):
    max_connection_wait_time = 5.0  # RQ's default would leave a worker deaf for a minute after Redis came back


def run_worker(redis_url: str, name: QueueName) -> None:
    """Works on one queue in this process until SIGTERM, each job in a forked process of its own.

    Ends also when Redis is lost for good reasons of RQ's: `jobs.worker` starts it again. One queue a worker, because
    only then RQ takes a job off the queue and notes it as started in one step (rq/worker/base.py, perform_job).
    """
    import_module(FUNCTIONS[name].rpartition(".")[0])  # imported here once, and not again in each forked process
    worker = _Worker([_prefix(name)], connection=Redis.from_url(redis_url), maintenance_interval=MAINTENANCE_SECONDS)
    worker.work(with_scheduler=False, logging_level="WARNING")


def run_cron(redis_url: str, every_seconds: int) -> None:
    """Queues `jobs.schedule` again and again in this process until SIGTERM, by RQ's cron; at once for the first time.

    It goes to the queue of what is quick, and is forgotten when nobody takes it in time: the next does the same.
    """
    logging.getLogger("rq.cron").setLevel(logging.WARNING)  # it would say each time that it queues
    module, _, function = SCHEDULED.rpartition(".")
    scheduler = CronScheduler(Redis.from_url(redis_url))
    scheduler.register(
        getattr(import_module(module), function),
        _prefix("deliveries"),
        interval=every_seconds,
        job_timeout=DELIVERY_TIMEOUT_SECONDS,
        result_ttl=0,
        ttl=every_seconds,
        failure_ttl=FAILURE_TTL_SECONDS,
    )
    scheduler.start()  # type: ignore[no-untyped-call]


@contextmanager
def step_time_limit(limit_seconds: float) -> Iterator[None]:
    """Raises `StepTimeout` in the body when it takes longer, also while it waits for a subprocess. Main thread only.

    It takes the place of RQ's own alarm, so it is for jobs that have no limit as a whole: runs.
    """

    def interrupt(number: int, frame: object) -> None:
        raise StepTimeout(f"took longer than {limit_seconds} s")

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, limit_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _prefix(name: QueueName) -> str:
    return f"specwright-{name}"


def _forget_ended(queue: RqQueue, job_id: str) -> None:
    try:
        job = Job.fetch(job_id, connection=queue.connection)
    except NoSuchJobError:
        return
    if job.get_status() in ENDED:
        job.delete()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(f"Redis does not answer: {type(error).__name__}") from error
