"""Lays out the files of a commit in a directory, byte for byte, without git's checkout.

A repository is hostile until checked. Git's checkout would obey its attributes (filters, line ends, encodings); here
contents come out of the object store as they are and are written by us. What cannot be laid out safely is left out
and reported; it stays as it is in every commit that is made on top.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.workspace.blobs import read_blobs
from bot.workspace.git import Git
from bot.workspace.git_errors import HostileTree
from bot.workspace.git_names import is_tree_path
from bot.workspace.links import OUTER_LINK, is_inner_link
from bot.workspace.listing import SUBMODULE, SYMLINK, Entry, list_entries

MAX_TREE_BYTES = 20 * 1024**3
_NOT_HERE = {errno.EEXIST, errno.EILSEQ, errno.EINVAL, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that is not taken over, and why. Bytes of the path that are no UTF-8 are escaped."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What a commit's directory holds: the entries that are in it, and what was left out."""

    entries: tuple[Entry, ...]
    left_out: tuple[LeftOut, ...]


def lay_out(git: Git, commit: str, directory: Path) -> Layout:
    """Writes the commit's files into the directory, which must be empty. Raises `GitError`, `HostileTree`, OSError."""
    entries = list(list_entries(git, commit))
    _check_names(entries)
    left_out = {entry: "a submodule" for entry in entries if entry.mode == SUBMODULE}
    files = [entry for entry in entries if entry.is_file]
    links = [entry for entry in entries if entry.mode == SYMLINK]
    writer = _Writer(directory)
    for entry, chunks in zip(files + links, read_blobs(git, [entry.object_id for entry in files + links]), strict=True):
        reason = writer.write(entry, chunks)  # links come last, so that no file is written through one
        if reason is not None:
            left_out[entry] = reason
    return Layout(
        tuple(entry for entry in entries if entry not in left_out),
        tuple(LeftOut(show_path(entry.path), reason) for entry, reason in left_out.items()),
    )


def show_path(path: str) -> str:
    """The path as text that everything can hold: bytes that are no UTF-8 are escaped."""
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _check_names(entries: list[Entry]) -> None:
    """Nothing that a git server lets in has such names: somebody wrote the objects by hand."""
    bad = next((entry.path for entry in entries if not is_tree_path(entry.path)), None)
    if bad is not None:
        raise HostileTree(f"the commit holds a file of the name {show_path(bad)[:200]!r}")


class _Writer:
    """Writes entries below a directory in which nothing else is written meanwhile."""

    def __init__(self, directory: Path) -> None:
        self.directory = str(directory)
        self.made: set[str] = {""}
        self.left_bytes = MAX_TREE_BYTES

    def write(self, entry: Entry, chunks: Iterator[bytes]) -> str | None:
        """Writes one entry; returns why not. Raises OSError when the disk is at fault, `HostileTree` past the limit."""
        try:
            self._make_directory(entry.path.rpartition("/")[0])
            if entry.is_file:
                self._write_file(entry, chunks)
                return None
            return self._write_link(entry, b"".join(chunks))
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
            return f"this file system does not take it: {error.strerror}"

    def _make_directory(self, path: str) -> None:
        if path in self.made:
            return
        self._make_directory(path.rpartition("/")[0])
        Path(self.directory, path).mkdir()  # FileExistsError when a file or link of that name is there
        self.made.add(path)

    def _write_file(self, entry: Entry, chunks: Iterator[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(f"{self.directory}/{entry.path}", flags, 0o777 if entry.is_executable else 0o666)
        try:
            for chunk in chunks:
                self.left_bytes -= len(chunk)
                if self.left_bytes < 0:
                    raise HostileTree(f"the commit's files have more than {MAX_TREE_BYTES} bytes")
                _write_all(descriptor, chunk)
        finally:
            os.close(descriptor)

    def _write_link(self, entry: Entry, content: bytes) -> str | None:
        if not is_inner_link(entry.path, content):
            return OUTER_LINK
        Path(self.directory, entry.path).symlink_to(os.fsdecode(content))
        return None


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
