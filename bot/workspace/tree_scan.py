"""Finds what has changed in a tree since its commit. Follows no link, enters no `.git`."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.workspace.blobs import CHUNK_BYTES, compute_object_id
from bot.workspace.checkout import LeftOut, show_path
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError
from bot.workspace.git_names import is_git_name
from bot.workspace.ignore import find_ignored, is_cache
from bot.workspace.links import OUTER_LINK, is_inner_link
from bot.workspace.listing import SYMLINK, Entry
from bot.workspace.stamps import Stamp, read_stamp
from bot.workspace.tree_files import open_file


@dataclass(frozen=True, slots=True)
class Found:
    """A file or link that is new (the commit has no such path) or differs. `target` is a link's."""

    path: str
    mode: str
    size_bytes: int
    is_new: bool
    target: bytes | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """The difference between a tree and its commit, and what in the tree can be no part of a commit."""

    found: tuple[Found, ...]
    deleted: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the commit has: entries by path, the stamps of untouched files, and paths that the tree was made without."""

    entries: Mapping[str, Entry]
    stamps: Mapping[str, Stamp]
    kept_out: frozenset[str]


def scan(git: Git, root: Path, known: Known) -> Scan:
    """Looks through the whole tree at `root`. Raises `GitError`."""
    look = _Look(root, known)
    found = [item for path, status in look.walk() if (item := look.check(path, status)) is not None]
    new = [item.path for item in found if item.is_new] + [path for path in look.left_out if path not in known.entries]
    ignored = find_ignored(git, root, new, look.rules)
    return Scan(
        tuple(sorted((item for item in found if item.path not in ignored), key=lambda item: item.path)),
        tuple(entry for path, entry in sorted(known.entries.items()) if path not in look.seen),
        tuple(LeftOut(show_path(path), why) for path, why in sorted(look.left_out.items()) if path not in ignored),
    )


@dataclass(slots=True)
class _Look:
    root: Path
    known: Known
    left_out: dict[str, str] = field(default_factory=dict)
    rules: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def walk(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every file, link and special file below the root, but for what is left out."""
        directories = _list_directories(self.known.entries)
        waiting = [""]
        while waiting:
            directory = waiting.pop()
            for item in self._list(directory, needed=directory.rstrip("/") in directories):
                path = f"{directory}{item.name}"
                if self._find_objection(path, item.name, directories):
                    continue
                if not item.is_dir(follow_symlinks=False):
                    yield path, item.stat(follow_symlinks=False)
                elif path in directories or not is_cache(item.name):
                    waiting.append(f"{path}/")

    def check(self, path: str, status: os.stat_result) -> Found | None:
        """The file when it is new or differs."""
        entry = self.known.entries.get(path)
        self.seen.add(path)
        if stat.S_ISLNK(status.st_mode):
            return self._check_link(path, entry)
        if not stat.S_ISREG(status.st_mode):
            self.left_out[path] = "no file, but a device, pipe or socket"
            return None
        name = path.rpartition("/")[2]
        if name == ".gitignore":
            self.rules.append(path)
        mode = "100755" if status.st_mode & stat.S_IXUSR else "100644"
        is_untouched = self.known.stamps.get(path) == read_stamp(status)
        if is_untouched or (entry is None and is_cache(name)):
            return None
        if not os.access(f"{self.root}/{path}", os.R_OK, follow_symlinks=False):
            self.left_out[path] = "it cannot be read"
            return None
        if entry is not None and self._is_same(entry, mode, status.st_size):
            return None
        return Found(path, mode, status.st_size, is_new=entry is None)

    def _check_link(self, path: str, entry: Entry | None) -> Found | None:
        target = os.fsencode(os.readlink(f"{self.root}/{path}"))  # noqa: PTH115 (a Path would be tidied up)
        if not is_inner_link(path, target):
            self.left_out[path] = OUTER_LINK
            return None
        if entry and entry.mode == SYMLINK and entry.object_id == compute_object_id(len(target), [target]):
            return None
        return Found(path, SYMLINK, len(target), is_new=entry is None, target=target)

    def _is_same(self, entry: Entry, mode: str, size_bytes: int) -> bool:
        if not entry.is_file or entry.is_executable != (mode == "100755"):
            return False
        with open_file(self.root, entry.path) as stream:
            return compute_object_id(size_bytes, iter(lambda: stream.read(CHUNK_BYTES), b"")) == entry.object_id

    def _list(self, directory: str, *, needed: bool) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(f"{self.root}/{directory}") as items:
                return list(items)
        except OSError as error:
            if needed:  # what is in it would seem deleted
                raise GitError(f"the tree cannot be read: {error}") from error
            self.left_out[directory.rstrip("/")] = f"it cannot be read: {error.strerror}"
            return []

    def _find_objection(self, path: str, name: str, directories: frozenset[str]) -> bool:
        """Notes why the path is left out, with all that is below it."""
        if is_git_name(name):
            self.left_out[path] = "a name that git keeps for itself"
        elif show_path(path) in self.known.kept_out:
            self.left_out[path] = "in the place of something of the commit that was left out"
        elif show_path(path) != path and path not in self.known.entries and path not in directories:
            self.left_out[path] = "its name is no UTF-8"
        return path in self.left_out


def _list_directories(paths: Mapping[str, Entry]) -> frozenset[str]:
    directories = {""}
    for path in paths:
        end = path.rfind("/")
        while end != -1 and path[:end] not in directories:
            directories.add(path[:end])
            end = path.rfind("/", 0, end)
    return frozenset(directories)
