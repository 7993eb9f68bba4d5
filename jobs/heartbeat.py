"""A thread that renews a run's lease, and interrupts the work when the run was cancelled or taken over."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

from bot.store import Store
from jobs.endings import Cancelled, LeaseLost

RENEWALS_PER_LEASE = 4
LOOK_SECONDS = 2.0


class Heartbeat:
    """While its context is open the lease is renewed; `Cancelled` or `LeaseLost` is raised in the main thread.

    A step may sit in a long subprocess: a signal reaches the main thread there too.
    """

    def __init__(self, store: Store, run_id: int, owner: str, lease_seconds: int) -> None:
        self._store, self._run_id, self._owner, self._lease_seconds = store, run_id, owner, lease_seconds
        self._stopped = threading.Event()
        self._news: Exception | None = None
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat of run {run_id}", daemon=True)

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

    def _look(self) -> Exception | None:
        if not self._store.renew_lease(self._run_id, self._owner, self._lease_seconds):
            return LeaseLost()
        reason = self._store.find_cancel_reason(self._run_id)
        return Cancelled(reason) if reason is not None else None

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._news is not None and not self._stopped.is_set():
            self._stopped.set()
            raise self._news
