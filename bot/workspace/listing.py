"""What a commit holds, entry by entry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, HostileTree

MAX_ENTRIES = 1_000_000  # a tree object that holds another ten times, ten levels deep, lists ten thousand million
SYMLINK = "120000"
SUBMODULE = "160000"
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, symbolic link or submodule of a commit. `path` may hold lone surrogates for bytes that are no UTF-8."""

    path: str
    mode: str
    object_id: str

    @property
    def is_file(self) -> bool:
        """A regular file."""
        return self.mode.startswith("100")

    @property
    def is_executable(self) -> bool:
        """A regular file that may be run; git keeps no other permission."""
        return self.mode == "100755"


def list_entries(git: Git, commit: str, under: str = "") -> Iterator[Entry]:
    """All entries of the commit (below the path `under`), in git's order. Raises `GitError`, `HostileTree`."""
    for count, record in enumerate(_read_records(git, commit, under)):
        if count >= MAX_ENTRIES:
            raise HostileTree(f"the commit {commit} holds more than {MAX_ENTRIES} files")
        yield _read_entry(record)


def find_entry(git: Git, commit: str, path: str) -> Entry | None:
    """The entry of exactly that path; None when the commit has none there. Raises `GitError`."""
    output = git.run("ls-tree", "-z", "--full-tree", commit, "--", path)
    entries = [_read_entry(record) for record in output.split(b"\0") if record]
    return next((entry for entry in entries if entry.path == path), None)


def _read_records(git: Git, commit: str, under: str) -> Iterator[bytes]:
    paths = ("--", under) if under else ()
    with git.stream("ls-tree", "-r", "-z", "--full-tree", commit, *paths) as output:
        yield from _split(output)


def _split(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := output.read(_CHUNK_BYTES):
        *records, rest = (rest + chunk).split(b"\0")
        yield from records
    if rest:
        raise GitError("git ls-tree ended in the middle of an entry")


def _read_entry(record: bytes) -> Entry:
    facts, _, path = record.partition(b"\t")
    mode, _, object_id = facts.decode().split(" ")
    return Entry(os.fsdecode(path), mode, object_id)
