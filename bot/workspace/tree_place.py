"""The place of a run's tree on this machine: how its files come there, what stands beside it, how it goes away."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import overlay
from bot.workspace.base_tree import ensure_base_tree, write_base
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError
from bot.workspace.mirror import Mirror


@dataclass(frozen=True, slots=True)
class Place:
    """`path` holds the files, `described_in` the commit's index and layout; `hold` keeps a base tree from eviction."""

    path: Path
    described_in: Path
    hold: int | None

    @property
    def git(self) -> Git:
        """Git with an object store and an index of this tree's own, in which the mirror's objects can be read."""
        private = find_private(self.path)
        return Git(private / "git", index=private / "index-of-changes")

    @property
    def index(self) -> Path:
        """The commit as git's index; not to be written to."""
        return self.described_in / "index"


def make_place(mirror: Mirror, commit: str, path: Path) -> Place:
    """Lays the commit's files out at `path`, in place of whatever is there. Raises `GitError`, OSError."""
    remove_place(path)
    private = find_private(path)
    for directory in (path, private):
        directory.mkdir(parents=True)
    try:
        _make_store(mirror, private / "git")
        return _lay_under(mirror, commit, path) or _lay_out(mirror, commit, path)
    except BaseException:
        remove_place(path)
        raise


def remove_place(path: Path) -> None:
    """Removes the files, however deep or unwilling. Raises `GitError` when that cannot be."""
    private = find_private(path)
    if not os.path.lexists(path) and not private.exists():
        return
    overlay.unmount(path)
    for place in (path, private):
        if not _remove(place):
            subprocess.run(["chmod", "-R", "u+rwX", "--", str(place)], capture_output=True, check=False)
            if not _remove(place):
                raise GitError(f"{place} cannot be removed: something is mounted in it, or it is somebody else's")


def find_private(path: Path) -> Path:
    """The directory beside a tree that the repository's code never sees."""
    return path.with_name(f"{path.name}.private")


def _lay_under(mirror: Mirror, commit: str, path: Path) -> Place | None:
    """A base tree of the commit with an overlay over it; None where that is not possible."""
    if not overlay.is_possible(mirror.root.absolute()):
        return None
    upper, work = find_private(path) / "upper", find_private(path) / "work"
    upper.mkdir()
    work.mkdir()
    base = ensure_base_tree(mirror.git, commit, mirror.trees)
    if overlay.mount(base.files, upper, work, path):
        return Place(path, base.directory, base.hold)
    os.close(base.hold)
    return None


def _lay_out(mirror: Mirror, commit: str, path: Path) -> Place:
    """Files of the tree's own.

    Hard links to a base tree would cost less, but code that opens its file for writing would write into the base tree
    of all runs, and taking away write permission hinders neither root nor the files' owner. Copying a base tree
    costs as much as writing the files anew (benchmarks/workspace_tree.py).
    """
    private = find_private(path)
    write_base(mirror.git, commit, private, path)
    return Place(path, private, None)


def _make_store(mirror: Mirror, directory: Path) -> None:
    """A git directory that reads the mirror's objects and keeps its own to itself (gitrepository-layout(5))."""
    (directory / "objects" / "info").mkdir(parents=True)
    (directory / "refs").mkdir()
    (directory / "HEAD").write_text("ref: refs/heads/none\n")
    (directory / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    (directory / "objects" / "info" / "alternates").write_text(f"{mirror.path.absolute() / 'objects'}\n")


def _remove(place: Path) -> bool:
    """Whether the directory is gone. By rm, which knows no limit of depth as shutil does."""
    command = ["rm", "-rf", "--one-file-system", "--", str(place)]
    subprocess.run(command, capture_output=True, check=False)
    return not os.path.lexists(place)
