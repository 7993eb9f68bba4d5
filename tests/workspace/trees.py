"""Trees for the tests: a mirror of a repository made on the spot, laid out in either way."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from bot.workspace.mirror import Mirror
from bot.workspace.tree import Person, Tree
from tests.workspace.repositories import Content, Origin

WHO = {
    "author": Person("Ada Author", "ada@example.com"),
    "committer": Person("Specwright", "bot@example.com"),
    "when": datetime(2024, 5, 1, 12, 0, tzinfo=UTC),
}
LAYINGS = ("overlay", "files")


def make_mirror(root: Path, laying: str, origin: Origin) -> Mirror:
    """A mirror whose trees are laid out in that way: a comma in a path cannot be told to mount(8)."""
    mirror = Mirror(root / ("mirrors" if laying == "overlay" else "mirrors,"), "acme/bookshop", origin.url)
    mirror.fetch(None)
    return mirror


def open_tree(root: Path, laying: str, files: Mapping[str | bytes, Content]) -> tuple[Origin, Tree]:
    """A repository with these files, and a tree of them."""
    origin = Origin.make(root / "origin.git")
    commit = origin.commit(files)
    return origin, Tree.open(make_mirror(root, laying, origin), commit, root / "run" / "tree")


def read_files(root: Path) -> dict[str, tuple[str, bytes]]:
    """Every file and link: git's mode, and the content or target."""
    found: dict[str, tuple[str, bytes]] = {}
    for directory, names, files in os.walk(root):
        for name in [*files, *names]:
            path = Path(directory, name)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                found[str(path.relative_to(root))] = ("120000", os.readlink(os.fsencode(path)))  # noqa: PTH115
            elif stat.S_ISREG(status.st_mode):
                mode = "100755" if status.st_mode & 0o100 else "100644"
                found[str(path.relative_to(root))] = (mode, path.read_bytes())
    return found


def list_mounts(below: Path) -> list[str]:
    """Mount points at or below the path."""
    points = [line.split(" ")[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [point for point in points if point.startswith(str(below))]
