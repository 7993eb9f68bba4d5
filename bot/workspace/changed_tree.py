"""What a scan has found, as objects of git; and the way back, from objects to files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.workspace.blobs import read_blobs, write_blobs
from bot.workspace.checkout import show_path
from bot.workspace.git import Git
from bot.workspace.git_errors import PatchRefused
from bot.workspace.git_names import is_tree_path
from bot.workspace.links import is_inner_link
from bot.workspace.listing import SUBMODULE, SYMLINK
from bot.workspace.tree_files import remove_file, write_file, write_link
from bot.workspace.tree_scan import Scan

_NOTHING = "000000"


@dataclass(frozen=True, slots=True)
class Difference:
    """One path that differs between two trees; a mode of zeros where a tree has nothing there."""

    path: str
    old_mode: str
    mode: str
    old_object_id: str
    object_id: str

    @property
    def is_deletion(self) -> bool:
        """The newer tree has nothing at the path."""
        return self.mode == _NOTHING


def write_tree(git: Git, base_index: Path, root: Path, scan: Scan) -> str:
    """The tree object of the commit with the changes; what was left out stays as in the commit. Raises `GitError`."""
    contents = [item.path if item.target is None else item.target for item in scan.found]
    object_ids = write_blobs(git, root, contents)
    lines = [f"0 {'0' * 40}\t{entry.path}" for entry in scan.deleted]
    lines += [f"{item.mode} {object_id}\t{item.path}" for item, object_id in zip(scan.found, object_ids, strict=True)]
    copy_index(git, base_index)
    data = b"".join(os.fsencode(line) + b"\0" for line in lines)
    git.run("update-index", "--add", "--replace", "-z", "--index-info", data=data)
    return git.run("write-tree").decode().strip()


def copy_index(git: Git, base_index: Path) -> None:
    """Begins the index of `git` as a copy of the commit's."""
    assert git.index is not None  # noqa: S101 (who writes trees has an index of its own)
    shutil.copyfile(base_index, git.index)


def list_differences(git: Git, old: str, new: str) -> tuple[Difference, ...]:
    """What differs between two trees or commits, path by path. Raises `GitError`."""
    output = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)
    fields = output.split(b"\0")[:-1]
    pairs = zip(fields[::2], fields[1::2], strict=True)
    return tuple(_read_difference(facts.decode(), os.fsdecode(path)) for facts, path in pairs)


def check_differences(git: Git, differences: Sequence[Difference], kept_out: frozenset[str]) -> None:
    """Raises `PatchRefused` for the first one that may not be laid out in a tree."""
    for item in differences:
        if not is_tree_path(item.path) or SUBMODULE in (item.mode, item.old_mode) or show_path(item.path) in kept_out:
            raise PatchRefused(f"the patch touches {show_path(item.path)!r}, which the tree does not have")
    links = [item for item in differences if item.mode == SYMLINK]
    for item, chunks in zip(links, read_blobs(git, [item.object_id for item in links]), strict=True):
        if not is_inner_link(item.path, b"".join(chunks)):
            raise PatchRefused(f"the patch has a symbolic link {item.path!r} that leads out of the tree")


def write_differences(git: Git, root: Path, differences: Iterable[Difference]) -> None:
    """Makes the files at `root` as the newer tree has them. Raises `GitError` when something else is in their place."""
    parts = tuple(differences)
    for item in parts:
        if item.is_deletion:
            remove_file(root, item.path)
    written = [item for item in parts if not item.is_deletion]
    for item, chunks in zip(written, read_blobs(git, [item.object_id for item in written]), strict=True):
        if item.mode == SYMLINK:
            write_link(root, item.path, b"".join(chunks))
        else:
            write_file(root, item.path, chunks, executable=item.mode == "100755")


def _read_difference(facts: str, path: str) -> Difference:
    old_mode, mode, old_object_id, object_id, _ = facts.removeprefix(":").split(" ")
    return Difference(path, old_mode, mode, old_object_id, object_id)
