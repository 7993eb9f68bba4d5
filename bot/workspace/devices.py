"""Device nodes for the sandbox, for a bot that runs as root.

Without them the sandbox gets the machine's own nodes, and whoever is inside may change their mode, because the owner
of a file needs no capability for that. bwrap can make such a mount read-only, but then it cannot be opened either.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# https://www.kernel.org/doc/html/latest/admin-guide/devices.html
NUMBERS = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
NOBODY = 65534


@cache
def list_device_mounts() -> tuple[str, ...]:
    """Options of bwrap that lay nodes which belong to nobody over the machine's; none when we are not root."""
    if os.geteuid() != 0:
        return ()
    folder = Path(tempfile.gettempdir()) / "specwright-devices"
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != 0:
            return ()
        return tuple(_ensure_nodes(folder))
    except OSError:  # a container without CAP_MKNOD, or a file system that is mounted with nodev
        return ()


def _ensure_nodes(folder: Path) -> Iterator[str]:
    for name, (major, minor) in NUMBERS.items():
        path = folder / name
        if not path.exists():
            new = folder / f"{name}.{os.getpid()}"
            os.mknod(new, stat.S_IFCHR | 0o666, os.makedev(major, minor))
            new.chmod(0o666)  # mknod heeds the umask
            os.chown(new, NOBODY, NOBODY)
            new.rename(path)
        if name != "tty":  # which opens only where there is a terminal
            path.open("rb", buffering=0).close()
        yield from ("--dev-bind", str(path), f"/dev/{name}")
