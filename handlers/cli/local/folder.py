"""The demo's folder: its own alone, empty at the start, locked against a second demo in the same place."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.workspace.overlay import unmount_below

MARKER = "made-by-specwright-demo"
KEPT = ("environments", "uv")  # known by their content and slow to make


class FolderRefused(Exception):
    """The folder is taken; the message says by whom and what to do."""


@contextmanager
def open_folder(directory: Path) -> Iterator[Path]:
    """The folder as long as the block runs. Raises `FolderRefused`; never empties a folder that no demo made."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"a demo is running with its data in {directory}; end it, or name another --data"
            raise FolderRefused(message) from error
        unmount_below(directory)  # of a demo that was killed
        _empty(directory)
        try:
            yield directory
        finally:
            unmount_below(directory)  # of a run that was ended in the middle


def _empty(directory: Path) -> None:
    directory.mkdir(exist_ok=True)
    if not (directory / MARKER).exists() and any(directory.iterdir()):
        raise FolderRefused(f"{directory} is not empty and no demo made it; name a new folder with --data")
    (directory / MARKER).touch()
    bot = directory / "bot"
    bot.mkdir(exist_ok=True)
    for path in (*directory.iterdir(), *bot.iterdir()):
        if path.name in (MARKER, bot.name, *KEPT):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
