"""Output of a process of which only the beginning and the end are kept."""

from __future__ import annotations

from collections import deque


class BoundedOutput:
    """Keeps at most `limit_bytes`: the first half and the last half of what was written."""

    def __init__(self, limit_bytes: int) -> None:
        self._head = bytearray()
        self._head_limit = limit_bytes - limit_bytes // 2
        self._tail: deque[bytes] = deque()
        self._tail_size, self._tail_limit = 0, limit_bytes // 2
        self._left_out = 0

    def write(self, chunk: bytes) -> None:
        """Add a chunk; what falls between beginning and end is counted and forgotten."""
        room = self._head_limit - len(self._head)
        self._head += chunk[:room]
        rest = chunk[room:]
        if not rest:
            return
        self._tail.append(rest)
        self._tail_size += len(rest)
        while self._tail_size > self._tail_limit:
            self._shorten_tail(self._tail_size - self._tail_limit)

    def text(self) -> str:
        """What was kept, as text; bytes that are no UTF-8 are replaced."""
        gap = f"\n[… {self._left_out} bytes left out …]\n".encode() if self._left_out else b""
        return (bytes(self._head) + gap + b"".join(self._tail)).decode("utf-8", errors="replace")

    def _shorten_tail(self, excess: int) -> None:
        first = self._tail.popleft()
        if len(first) > excess:
            self._tail.appendleft(first[excess:])
        removed = min(excess, len(first))
        self._tail_size -= removed
        self._left_out += removed
