"""A thread that renews a lease, and interrupts the work when it was cancelled or taken over."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

from bot.store import Store
from jobs.endings import Cancelled, LeaseLost

RENEWALS_PER_LEASE = 4
LOOK_SECONDS = 2.0


def watch_run(store: Store, run_id: int, owner: str, lease_seconds: int) -> Heartbeat:
    """The heartbeat of a run, which somebody may cancel."""

    def look() -> Exception | None:
        if not store.renew_lease(run_id, owner, lease_seconds):
            return LeaseLost()
        reason = store.find_cancel_reason(run_id)
        return Cancelled(reason) if reason is not None else None

    return Heartbeat(look, lease_seconds)


def watch_check(store: Store, check_id: int, owner: str, lease_seconds: int) -> Heartbeat:
    """The heartbeat of a drift check."""

    def look() -> Exception | None:
        return None if store.renew_drift_lease(check_id, owner, lease_seconds) else LeaseLost()

    return Heartbeat(look, lease_seconds)


class Heartbeat:
    """While its context is open the lease is renewed; `Cancelled` or `LeaseLost` is raised in the main thread.

    A step may sit in a long subprocess: a signal reaches the main thread there too.
    """

    def __init__(self, look: Callable[[], Exception | None], lease_seconds: int) -> None:
        """`look` renews the lease, and says what there is to raise."""
        self._look, self._lease_seconds = look, lease_seconds
        self._stopped = threading.Event()
        self._news: Exception | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._previous = signal.signal(signal.SIGUSR1, self._interrupt)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()
        signal.signal(signal.SIGUSR1, self._previous)

    def check(self) -> None:
        """Raises `Cancelled` or `LeaseLost` if that is known or in the store."""
        news = self._news or self._look()
        if news is not None:
            self._stopped.set()
            raise news

    def _beat(self) -> None:
        while not self._stopped.wait(min(LOOK_SECONDS, self._lease_seconds / RENEWALS_PER_LEASE)):
            self._news = self._look()
            if self._news is not None:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
                return

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._news is not None and not self._stopped.is_set():
            self._stopped.set()
            raise self._news
