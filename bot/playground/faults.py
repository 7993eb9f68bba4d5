"""Faults that tests switch on: each hits the next requests that fit it, then it is over."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["server_error", "lost_answer", "primary_rate_limit", "secondary_rate_limit"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong.

    `server_error` answers `status` and does nothing. `lost_answer` does the work and cuts the connection. The two rate
    limits answer `status` (403 or 429) and name `seconds` to wait. `method` and `path` (a regular expression) choose
    the requests.
    """

    kind: Kind
    method: str | None = None
    path: str = ""
    status: int = 0
    seconds: int = 1

    def fits(self, method: str, path: str) -> bool:
        """Whether the request is one of those."""
        return self.method in (None, method) and re.search(self.path, path) is not None


@dataclass
class Faults:
    """The faults that are switched on, and how many requests each still hits."""

    _left: Counter[Fault] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault, times: int = 1) -> None:
        """The next `times` requests that fit meet the fault."""
        with self._lock:
            self._left[fault] += times

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._left.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        with self._lock:
            for fault, left in self._left.items():
                if left > 0 and fault.fits(method, path):
                    self._left[fault] -= 1
                    return fault
        return None
