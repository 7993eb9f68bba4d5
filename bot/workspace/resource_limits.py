"""The limits that the kernel holds a process to (getrlimit(2)), set by util-linux's prlimit(1) in front of a command.

Not by `preexec_fn`: code of ours between fork and exec may deadlock in a process that has threads.
"""

from __future__ import annotations

import os
import resource
import shutil
from functools import cache

from bot.workspace.process import Limits
from bot.workspace.sandbox import SandboxUnavailable

MAX_OPEN_FILES = 4096
# The first whose RLIMIT_NPROC counts per user namespace (https://git.kernel.org/linus/21d1c5e386bc); before, the
# count was of all processes of the user on the machine, so that a desktop or a second worker would use it up.
NPROC_PER_NAMESPACE = (5, 14)


def limit_resources(limits: Limits) -> list[str]:
    """The words to put before a command. They hold for each process of it; totals are `UsageWatch`'s task.

    RLIMIT_DATA, not RLIMIT_AS: address space that is only reserved (V8, Go) costs nothing and is not counted.
    """
    words = [find_prlimit(), "--core=0", f"--nofile={_cap(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)}"]
    if limits.memory_bytes is not None:
        words.append(f"--data={_cap(resource.RLIMIT_DATA, limits.memory_bytes)}")
    if limits.file_bytes is not None:
        words.append(f"--fsize={_cap(resource.RLIMIT_FSIZE, limits.file_bytes)}")
    return [*words, "--"]


def limit_processes(limits: Limits) -> list[str]:
    """The words to put before a command inside a user namespace, where RLIMIT_NPROC can count the namespace's own."""
    version = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if limits.processes is None or version < NPROC_PER_NAMESPACE:
        return []
    return [find_prlimit(), f"--nproc={_cap(resource.RLIMIT_NPROC, limits.processes)}", "--"]


def _cap(kind: int, wanted: int) -> int:
    """Not more than the bot itself may have: only root could raise that."""
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


@cache
def find_prlimit() -> str:
    """Path of prlimit(1). Raises `SandboxUnavailable` when it is missing."""
    found = shutil.which("prlimit", path="/usr/bin:/bin")
    if found is None:
        raise SandboxUnavailable("prlimit is missing: install util-linux")
    return found
