"""The files of a commit, laid out once and kept, to be laid under the trees of runs. Nobody writes to them.

Kept per repository, the least recently used go first; one that is in use stays. Everything happens under one lock, so
whatever is half done when the lock is had was left by a process that died.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.workspace.checkout import Layout, LeftOut, lay_out
from bot.workspace.file_lock import hold_shared, is_held, locked
from bot.workspace.git import Git
from bot.workspace.git_errors import HostileTree
from bot.workspace.listing import Entry
from bot.workspace.stamps import Stamp, read_stamps

MAX_BASE_TREES = 8  # per repository


@dataclass(frozen=True, slots=True)
class BaseTree:
    """A commit's directory: `files`, the `index` of the commit, `layout.json` with what is in it and the stamps.

    `hold` is a file descriptor: as long as it is open, the directory stays.
    """

    directory: Path
    hold: int

    @property
    def files(self) -> Path:
        """The files themselves."""
        return self.directory / "files"


def ensure_base_tree(git: Git, commit: str, kept_in: Path) -> BaseTree:
    """The base tree of the commit, made when it is not there; older ones are removed. Raises `GitError`, OSError."""
    directory = kept_in / f"{commit}-{_read_boot()}"
    with locked(kept_in / "lock"):
        if not directory.is_dir():
            _remove_leftovers(kept_in)
            _make(git, commit, directory)
        hold = hold_shared(directory / "in-use")
        os.utime(directory)
        _evict(kept_in)
    return BaseTree(directory, hold)


def write_base(git: Git, commit: str, directory: Path, files: Path) -> None:
    """Lays the commit out in `files`, and writes `index` and `layout.json` into the directory.

    Raises `GitError`, `HostileTree`, OSError.
    """
    layout = lay_out(git, commit, files)
    answer = Git(git.directory, index=directory / "index").try_run("read-tree", commit)
    if answer.returncode != 0:  # names that we took and git does not
        raise HostileTree(answer.describe())
    stamps = read_stamps(files, (entry.path for entry in layout.entries), directory / "marker")
    content = {
        "entries": [[entry.path, entry.mode, entry.object_id, stamps.get(entry.path)] for entry in layout.entries],
        "left_out": [[item.path, item.reason] for item in layout.left_out],
    }
    (directory / "layout.json").write_text(json.dumps(content))


def read_layout(directory: Path) -> tuple[Layout, dict[str, Stamp]]:
    """What `write_base` wrote."""
    content = json.loads((directory / "layout.json").read_text())
    entries = tuple(Entry(path, mode, object_id) for path, mode, object_id, _ in content["entries"])
    left_out = tuple(LeftOut(path, reason) for path, reason in content["left_out"])
    stamps = {path: tuple(stamp) for path, _, _, stamp in content["entries"] if stamp is not None}
    return Layout(entries, left_out), stamps


def _read_boot() -> str:
    """What this start of the machine is called (random(4)).

    A power cut may have lost what was not on the disk yet, so trees of an earlier start are not used.
    """
    return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]


def _make(git: Git, commit: str, directory: Path) -> None:
    making = directory.with_name(f"making-{secrets.token_hex(4)}")
    (making / "files").mkdir(parents=True)
    try:
        write_base(git, commit, making, making / "files")
        making.replace(directory)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _evict(kept_in: Path) -> None:
    kept = sorted((path for path in kept_in.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for directory in kept[:-MAX_BASE_TREES]:
        if not is_held(directory / "in-use"):
            shutil.rmtree(directory, ignore_errors=True)


def _remove_leftovers(kept_in: Path) -> None:
    for leftover in kept_in.glob("making-*"):
        shutil.rmtree(leftover, ignore_errors=True)
