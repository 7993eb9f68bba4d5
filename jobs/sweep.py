"""Mends what was lost: deliveries that the queue never got or that are to be tried again, work without a worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from bot.store import Delivery, DriftCheck, Run, Store
from jobs.queue import Queue, QueueUnavailable

logger = logging.getLogger(__name__)

FRESH_SECONDS = 2  # the request that has just recorded a delivery is about to queue it itself
MAX_ATTEMPTS = 5
GIVEN_UP = f"its worker died {MAX_ATTEMPTS + 1} times"


def sweep(store: Store, queue: Queue, queued_for_seconds: float) -> int:
    """Queues again what nobody works on; returns how many deliveries, runs and checks. Raises `QueueUnavailable`.

    Safe to run in many processes at once: the queue takes each attempt once. One that fails holds up no other.
    """
    lost: list[tuple[Callable[..., None], Delivery | Run | DriftCheck]] = [
        *((_queue_delivery, delivery) for delivery in store.list_unqueued_deliveries(FRESH_SECONDS)),
        *((_take_up, run) for run in store.list_stuck_runs(queued_for_seconds)),
        *((_take_up_check, check) for check in store.list_stuck_drift_checks(queued_for_seconds)),
    ]
    for mend, found in lost:
        try:
            mend(store, queue, found)
        except QueueUnavailable:
            raise
        except Exception:
            logger.exception("not mended", extra={"kind": type(found).__name__, "id": found.id})
    return len(lost)


def sweep_until(stop: threading.Event, store: Store, queue: Queue, every_seconds: float) -> None:
    """Sweeps until `stop` is set; whatever is down is tried again the next time."""
    while not stop.wait(every_seconds):
        try:
            sweep(store, queue, every_seconds)
        except QueueUnavailable as error:
            logger.warning("%s; the sweep tries again", error, extra={"in_seconds": every_seconds})
        except Exception:
            logger.exception("the sweep failed and tries again", extra={"in_seconds": every_seconds})


def _queue_delivery(store: Store, queue: Queue, delivery: Delivery) -> None:
    queue.enqueue_delivery(delivery.id, delivery.attempts)
    store.mark_delivery(delivery.id, "queued", delivery.error)
    logger.info("delivery queued again", extra={"delivery": delivery.id, "attempt": delivery.attempts})


def _take_up(store: Store, queue: Queue, run: Run) -> None:
    # The attempt after the last is for `jobs.implement` to say on the issue that it gives up. Only a run whose worker
    # dies even then is ended here, without a word.
    if run.attempts > MAX_ATTEMPTS:
        store.finish_run(run.id, "failed", GIVEN_UP)
        logger.error("run given up: %s", GIVEN_UP, extra={"run": run.id})
        return
    if run.status == "running":
        logger.warning("run has lost its worker, queued again", extra={"run": run.id, "attempt": run.attempts})
    queue.enqueue_run(run.id, run.attempts)


def _take_up_check(store: Store, queue: Queue, check: DriftCheck) -> None:
    # The job itself ends a check whose workers die again and again; if not even that helps, there is nothing to mend.
    if check.attempts <= MAX_ATTEMPTS:
        queue.enqueue_check(check.id, check.attempts)
