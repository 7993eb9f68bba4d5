"""A run's files: those of a commit, to be written to, and what becomes of them: a patch, a commit."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.workspace import overlay
from bot.workspace.base_tree import ensure_base_tree, read_layout, write_base
from bot.workspace.changed_tree import check_differences, list_differences, write_differences, write_tree
from bot.workspace.checkout import LeftOut
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, PatchTooLarge
from bot.workspace.git_names import check_commit
from bot.workspace.mirror import Mirror
from bot.workspace.patch import read_patch, render_patch
from bot.workspace.tree_files import open_file
from bot.workspace.tree_scan import Found, Known, Scan, scan

MAX_PATCH_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed something."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that differs from the commit. `mode` is git's; of a deleted file it is the old one, and the size is 0."""

    path: str
    kind: Literal["added", "modified", "deleted"]
    size_bytes: int
    is_binary: bool
    mode: str


@dataclass(slots=True)
class Tree:
    """The files of `base_commit` at `path`. Made by `open`; `close` takes them away.

    Beside it, in a directory that the repository's code never sees, are an object store of its own and the
    overlay's upper layer. `left_out` says what of the commit is not there, and why.
    """

    mirror: Mirror
    base_commit: str
    path: Path
    known: Known
    left_out: tuple[LeftOut, ...]
    _index: Path
    _hold: int | None = None

    @classmethod
    def open(cls, mirror: Mirror, commit: str, path: Path) -> Tree:
        """Makes the tree at `path`, in place of whatever a dead worker left there. Pins the commit in the mirror.

        Raises `GitError` when the mirror has no such commit, `HostileTree` when its files cannot be laid out.
        """
        mirror.pin(check_commit(commit))
        path = path.absolute()
        _remove(path)
        for directory in (path, _find_private(path)):
            directory.mkdir(parents=True)
        base_directory, hold = _lay_files(mirror, commit, path)
        layout, stamps = read_layout(base_directory)
        entries = {entry.path: entry for entry in layout.entries}
        known = Known(entries, stamps, frozenset(item.path for item in layout.left_out))
        _make_store(mirror, _find_private(path) / "git")
        return cls(mirror, commit, path, known, layout.left_out, base_directory / "index", hold)

    def list_changes(self) -> tuple[FileChange, ...]:
        """Every file that differs from the commit, sorted by path: exactly what `patch` and `commit` hold."""
        found = self.scan()
        changes = [self._describe(item) for item in found.found]
        changes += [FileChange(entry.path, "deleted", 0, False, entry.mode) for entry in found.deleted]
        return tuple(sorted(changes, key=lambda change: change.path))

    def scan(self) -> Scan:
        """What differs, and what is in the tree that can be no part of a commit: links that leave it, pipes, `.git`.

        New files count unless the repository ignores them or they are caches. Raises `GitError`.
        """
        return scan(self._git, self.path, self.known)

    def patch(self) -> str:
        """Everything that differs from the commit; empty when nothing does. JSON holds it.

        Raises `PatchTooLarge`, `GitError`.
        """
        found = self.scan()
        size_bytes = sum(item.size_bytes for item in found.found)
        if size_bytes > MAX_PATCH_BYTES:
            largest = max(found.found, key=lambda item: item.size_bytes)
            raise PatchTooLarge(
                f"{size_bytes} bytes of files have changed, over {MAX_PATCH_BYTES}; the largest is {largest.path}"
            )
        return render_patch(self._git, self.base_commit, write_tree(self._git, self._index, self.path, found))

    def apply(self, patch: str) -> None:
        """Makes the files that the patch names as they were when `patch` wrote it; safe to repeat.

        Raises `PatchRefused` when it does not fit the commit or leads out of the tree: then no file was touched.
        """
        tree = read_patch(self._git, self._index, patch)
        differences = list_differences(self._git, self.base_commit, tree)
        check_differences(self._git, differences, self.known.kept_out)
        write_differences(self._git, self.path, differences)

    def commit(
        self, message: str, *, author: Person, committer: Person, when: datetime, parent: str | None = None
    ) -> str:
        """Commits everything that differs, in the mirror, and pins it there; its id. The same input gives the same id.

        `parent` is the base commit unless told otherwise; `when` must have a time zone. Raises `GitError`.
        """
        git = replace(self._git, objects=self.mirror.path / "objects")
        tree = write_tree(git, self._index, self.path, self.scan())
        env = _render_identity("AUTHOR", author, when) | _render_identity("COMMITTER", committer, when)
        arguments = ("commit-tree", tree, "-p", check_commit(parent or self.base_commit), "-F", "-")
        commit = git.run(*arguments, data=message.encode(errors="replace"), env=env).decode().strip()
        self.mirror.pin(commit)
        return commit

    def close(self) -> None:
        """Takes the files away. Nothing to do when they are gone."""
        _remove(self.path)
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    @property
    def _git(self) -> Git:
        private = _find_private(self.path)
        return Git(private / "git", index=private / "index-of-changes")

    def _describe(self, item: Found) -> FileChange:
        kind: Literal["added", "modified"] = "added" if item.is_new else "modified"
        is_binary = item.target is None and self._has_nul(item.path)
        return FileChange(item.path, kind, item.size_bytes, is_binary, item.mode)

    def _has_nul(self, path: str) -> bool:
        with open_file(self.path, path) as stream:
            return any(b"\0" in chunk for chunk in iter(lambda: stream.read(1 << 20), b""))


def _find_private(path: Path) -> Path:
    return path.with_name(f"{path.name}.private")


def _lay_files(mirror: Mirror, commit: str, path: Path) -> tuple[Path, int | None]:
    """Fills the empty directory; returns where the commit's index and layout are, and what holds them.

    Hard links to a base tree would be cheaper than fresh files where there is no overlay, but code that opens its file
    for writing would write into the base tree of all runs, and taking away write permission hinders neither root nor
    the files' owner. A copy of a base tree costs as much as writing the files anew (benchmarks/workspace_tree.py).
    """
    private = _find_private(path)
    if not overlay.is_possible(path.parent):
        write_base(mirror.git, commit, private, path)
        return private, None
    base = ensure_base_tree(mirror.git, commit, mirror.trees)
    upper, work = private / "upper", private / "work"
    upper.mkdir()
    work.mkdir()
    if overlay.mount(base.files, upper, work, path):
        return base.directory, base.hold
    os.close(base.hold)
    write_base(mirror.git, commit, private, path)
    return private, None


def _make_store(mirror: Mirror, directory: Path) -> None:
    """A git directory that reads the mirror's objects and keeps its own to itself (gitrepository-layout(5))."""
    (directory / "objects" / "info").mkdir(parents=True)
    (directory / "refs").mkdir()
    (directory / "HEAD").write_text("ref: refs/heads/none\n")
    (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    (directory / "objects" / "info" / "alternates").write_text(f"{mirror.path.absolute() / 'objects'}\n")


def _remove(path: Path) -> None:
    private = _find_private(path)
    if not os.path.lexists(path) and not private.exists():
        return
    overlay.unmount(path)
    for place in (path, private):  # rm knows no limit of depth, shutil does
        command = ["rm", "-rf", "--one-file-system", "--", str(place)]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            subprocess.run(["chmod", "-R", "u+rwX", "--", str(place)], capture_output=True, check=False)
            subprocess.run(command, capture_output=True, check=False)
    if os.path.lexists(path):
        raise GitError(f"{path} cannot be removed: something is mounted in it, or it is somebody else's")


def _render_identity(role: str, person: Person, when: datetime) -> dict[str, str]:
    if when.tzinfo is None or any("\0" in text for text in (person.name, person.email)):
        raise GitError("a commit needs a time with a time zone, and names without NUL")
    seconds = int(when.astimezone(UTC).timestamp())
    facts = {"NAME": person.name, "EMAIL": person.email, "DATE": f"@{seconds} +0000"}
    return {f"GIT_{role}_{name}": value for name, value in facts.items()}
