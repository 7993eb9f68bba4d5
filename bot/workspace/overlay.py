"""Overlay mounts: a writable tree over a shared one, at the cost of a mount.

Mounting needs CAP_SYS_ADMIN in the machine's own user namespace (a namespace of ours would hide the mount from
everybody else), and an upper directory that is on no overlay itself, as it is in many containers.
"""

from __future__ import annotations

import functools
import re
import subprocess
import tempfile
from pathlib import Path

_OPTIONS = "redirect_dir=on,metacopy=off,index=off"  # renaming a directory of the lower tree works as anywhere else
_ESCAPED = re.compile(r"\\([0-7]{3})")


def mount(lower: Path, upper: Path, work: Path, path: Path) -> bool:
    """Mounts `upper` over `lower` at `path`; all must exist. False when this machine or these paths do not allow it."""
    places = (lower, upper, work)
    if any(character in str(place) for place in places for character in ',:\\"'):  # they separate and escape options
        return False
    options = f"lowerdir={lower},upperdir={upper},workdir={work},{_OPTIONS}"
    return _run("mount", "-t", "overlay", "-o", options, "--", "specwright", str(path)) and path.is_mount()


def unmount(path: Path) -> None:
    """Takes away what is mounted there, also when somebody still uses it or it was mounted several times."""
    while _run("umount", "--lazy", "--", str(path)):
        pass


def unmount_below(directory: Path) -> None:
    """Takes away whatever is mounted in the directory, as a killed worker leaves it.

    https://man7.org/linux/man-pages/man5/proc_pid_mounts.5.html; white space is escaped in octal, see getmntent(3).
    """
    for line in Path("/proc/self/mounts").read_text(errors="surrogateescape").splitlines():
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), line.split(" ")[1]))
        if point.is_relative_to(directory.resolve()):
            unmount(point)


@functools.cache
def is_possible(directory: Path) -> bool:
    """Whether overlays can be mounted over parts of the directory, tried once a process."""
    with tempfile.TemporaryDirectory(dir=directory, prefix="overlay-") as scratch:
        places = [Path(scratch) / name for name in ("lower", "upper", "work", "tree")]
        for place in places:
            place.mkdir()
        is_mounted = mount(*places)
        if is_mounted:
            unmount(places[-1])
        return is_mounted


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
