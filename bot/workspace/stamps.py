"""Tells which files of a tree nobody has touched, without reading them.

A stamp is a file's inode, size and time of status change. Code without privileges cannot set the last one back
(utimensat(2) sets access and modification only), so a file whose stamp still fits was neither written, nor chmodded,
nor swapped for another.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

Stamp = tuple[int, int, int]


def read_stamp(status: os.stat_result) -> Stamp:
    """The stamp of a file's status (of a link itself, not of what it leads to)."""
    return (status.st_ino, status.st_size, status.st_ctime_ns)


def read_stamps(root: Path, paths: Iterable[str], marker: Path) -> dict[str, Stamp]:
    """Stamps of the files below the root, as they are now.

    Left out are those that changed in the same tick of the clock in which `marker` is written: a later write could
    have the same time. (Git calls such entries racy and does the same.)
    """
    marker.write_bytes(b"")
    now = marker.stat().st_ctime_ns
    stamps = {path: read_stamp(os.lstat(f"{root}/{path}")) for path in paths}
    return {path: stamp for path, stamp in stamps.items() if stamp[2] < now}
