"""A run's files: those of a commit, to be written to, and what becomes of them: a patch, a commit."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.workspace.base_tree import read_layout
from bot.workspace.blobs import CHUNK_BYTES
from bot.workspace.changed_tree import check_differences, list_differences, write_differences, write_tree
from bot.workspace.checkout import LeftOut, show_path
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, PatchTooLarge
from bot.workspace.git_names import check_commit
from bot.workspace.mirror import Mirror
from bot.workspace.patch import is_text, read_patch, render_patch
from bot.workspace.tree_files import open_file
from bot.workspace.tree_place import Place, make_place, remove_place
from bot.workspace.tree_scan import Found, Known, Scan, scan

MAX_CHANGED_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed something."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs from the commit. `mode` is git's; of a deleted file it is the old one, and the size is 0.

    A binary file is one that a patch cannot show: no UTF-8, or with NUL in it. Bytes of a path that are no UTF-8 are
    escaped.
    """

    path: str
    kind: Literal["added", "modified", "deleted"]
    size_bytes: int
    is_binary: bool
    mode: str


@dataclass(slots=True)
class Tree:
    """The files of `base_commit` at `path`. Made by `open`; `close` takes them away."""

    mirror: Mirror
    base_commit: str
    path: Path
    _place: Place
    _known: Known | None = None

    @classmethod
    def open(cls, mirror: Mirror, commit: str, path: Path) -> Tree:
        """Makes the tree at `path`, in place of whatever a dead worker left there. Pins the commit in the mirror.

        Raises `GitError` when the mirror has no such commit, `HostileTree` when its files cannot be laid out.
        """
        mirror.pin(check_commit(commit))
        path = path.absolute()
        return cls(mirror, commit, path, make_place(mirror, commit, path))

    def list_changes(self) -> tuple[FileChange, ...]:
        """Every file that differs from the commit, sorted by path: exactly what `patch` and `commit` hold."""
        scanned = self._scan()
        changes = [self._describe(item) for item in scanned.found]
        changes += [FileChange(show_path(entry.path), "deleted", 0, False, entry.mode) for entry in scanned.deleted]
        return tuple(sorted(changes, key=lambda change: change.path))

    def list_left_out(self) -> tuple[LeftOut, ...]:
        """What can be no part of the tree or of a commit, and why.

        Of the base commit: submodules, links that leave the tree; these stay as they are in a commit on top. Of what is
        in the tree now: such links, `.git`, pipes, names that are no UTF-8. Raises `GitError`.
        """
        layout, _ = read_layout(self._place.described_in)
        return tuple(sorted({*layout.left_out, *self._scan().left_out}, key=lambda item: (item.path, item.reason)))

    def patch(self) -> str:
        """Everything that differs from the commit; empty when nothing does. JSON holds it.

        New files count unless the repository ignores them or they are caches. Raises `PatchTooLarge`, `GitError`.
        """
        git = self._place.git
        return render_patch(git, self.base_commit, self._write_tree(git))

    def apply(self, patch: str) -> None:
        """Makes the files that the patch names as they were when `patch` wrote it; safe to repeat.

        Raises `PatchRefused` when it does not fit the commit or leads out of the tree: then no file was touched.
        """
        git = self._place.git
        tree = read_patch(git, self._place.index, patch)
        differences = list_differences(git, self.base_commit, tree)
        check_differences(git, differences, self._read_known().kept_out)
        write_differences(git, self.path, differences)

    def commit(
        self, message: str, *, author: Person, committer: Person, when: datetime, parent: str | None = None
    ) -> str:
        """Commits everything that differs, in the mirror, and pins it there; its id. The same input gives the same id.

        `parent` is the base commit unless told otherwise; `when` must have a time zone. Raises as `patch` does.
        """
        git = replace(self._place.git, objects=self.mirror.path.absolute() / "objects")
        env = _render_identity("AUTHOR", author, when) | _render_identity("COMMITTER", committer, when)
        arguments = ("commit-tree", self._write_tree(git), "-p", check_commit(parent or self.base_commit), "-F", "-")
        commit = git.run(*arguments, data=message.encode(errors="replace"), env=env).decode().strip()
        self.mirror.pin(commit)
        return commit

    def close(self) -> None:
        """Takes the files away. Safe to repeat."""
        remove_place(self.path)
        if self._place.hold is not None:
            os.close(self._place.hold)
            self._place = replace(self._place, hold=None)

    def _scan(self) -> Scan:
        return scan(self._place.git, self.path, self._read_known())

    def _read_known(self) -> Known:
        if self._known is None:
            layout, stamps = read_layout(self._place.described_in)
            entries = {entry.path: entry for entry in layout.entries}
            self._known = Known(entries, stamps, frozenset(item.path for item in layout.left_out))
        return self._known

    def _write_tree(self, git: Git) -> str:
        scanned = self._scan()
        size_bytes = sum(item.size_bytes for item in scanned.found)
        if size_bytes > MAX_CHANGED_BYTES:
            largest = max(scanned.found, key=lambda item: item.size_bytes).path
            raise PatchTooLarge(
                f"{size_bytes} bytes of files have changed, over {MAX_CHANGED_BYTES}; largest: {largest}"
            )
        return write_tree(git, self._place.index, self.path, scanned)

    def _describe(self, item: Found) -> FileChange:
        is_binary = item.target is None and not self._is_text(item.path)
        kind: Literal["added", "modified"] = "added" if item.is_new else "modified"
        return FileChange(show_path(item.path), kind, item.size_bytes, is_binary, item.mode)

    def _is_text(self, path: str) -> bool:
        with open_file(self.path, path) as stream:
            return is_text(iter(lambda: stream.read(CHUNK_BYTES), b""))


def _render_identity(role: str, person: Person, when: datetime) -> dict[str, str]:
    if when.tzinfo is None or "\0" in person.name + person.email:
        raise GitError("a commit needs a time with a time zone, and names without NUL")
    seconds = int(when.astimezone(UTC).timestamp())
    facts = {"NAME": person.name, "EMAIL": person.email, "DATE": f"@{seconds} +0000"}
    return {f"GIT_{role}_{name}": value for name, value in facts.items()}
