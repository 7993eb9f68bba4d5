"""What a tree of processes uses, read from /proc (proc(5)); and the watch that ends a run which uses too much."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.workspace.process import Limits

PROC = Path("/proc")
KIB = 1024
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError)  # it ended while we looked, or is not ours


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    threads: int


class UsageWatch:
    """Compares the processes under `root_pid` with the limits.

    Works for every user and without cgroups, which a bot in a container can seldom make. RLIMIT_NPROC alone would not
    do: the kernel does not apply it to processes of the machine's root (copy_process in kernel/fork.c), even in a user
    namespace.
    """

    def __init__(self, root_pid: int, limits: Limits, writable: Sequence[Path]) -> None:
        self._root_pid, self._limits = root_pid, limits
        self._disks = {path: _free_bytes(path) for path in writable} if limits.disk_bytes is not None else {}

    def check(self) -> str | None:
        """The limit that is exceeded, if any: processes, memory or disk."""
        tree = list_descendants(self._root_pid)
        if self._limits.processes is not None and sum(item.threads for item in tree) > self._limits.processes:
            return "processes"
        if self._limits.memory_bytes is not None and _uses_more(tree, self._limits.memory_bytes):
            return "memory"
        if any(before - _free_bytes(path) > (self._limits.disk_bytes or 0) for path, before in self._disks.items()):
            return "disk"
        return None


def list_descendants(root_pid: int) -> list[_Process]:
    """Every process whose chain of parents leads to `root_pid`, itself included."""
    children: dict[int, list[_Process]] = {}
    found: list[_Process] = []
    for process in _list_processes():
        children.setdefault(process.parent, []).append(process)
        if process.pid == root_pid:
            found.append(process)
    for process in found:  # grows while it is walked
        found += children.get(process.pid, [])
    return found


def _list_processes() -> Iterator[_Process]:
    for name in os.listdir(PROC):  # noqa: PTH208 (a third of the time of Path.iterdir, several times a second)
        if name.isdigit():
            with suppress(*_GONE):
                # The name in parentheses may hold anything, so fields are counted from the last parenthesis.
                fields = (PROC / name / "stat").read_bytes().rpartition(b")")[2].split()
                yield _Process(int(name), int(fields[1]), int(fields[17]))


def _uses_more(tree: Sequence[_Process], limit_bytes: int) -> bool:
    """Whether the tree holds more memory than that; shared pages are told apart only when a rough sum is too much."""
    if sum(_resident_bytes(item.pid) for item in tree) <= limit_bytes:
        return False
    return sum(_proportional_bytes(item.pid) for item in tree) > limit_bytes


def _resident_bytes(pid: int) -> int:
    with suppress(*_GONE):
        return int((PROC / str(pid) / "statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional_bytes(pid: int) -> int:
    """Memory that is not backed by files, a page that n processes share counted as 1/n."""
    with suppress(*_GONE):
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * KIB for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
    return 0


def _free_bytes(path: Path) -> int:
    status = os.statvfs(path)
    return status.f_bavail * status.f_frsize
