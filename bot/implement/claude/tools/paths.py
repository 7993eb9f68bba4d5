"""Paths that the model names: inside the tree, through no link, and none that is protected."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolError
from bot.workspace.git_names import is_tree_path


def read_path(place: Place, given: str) -> str:
    """The path relative to the tree, "" for the tree itself. Raises `ToolError` when it leads out of it."""
    root = PurePosixPath(str(place.tree.path))
    path = PurePosixPath(given.strip() or ".")
    if path.is_absolute():
        if not path.is_relative_to(root):
            raise ToolError(f"{given} is outside of the repository; give a path relative to its root")
        path = path.relative_to(root)
    text = str(path)
    if text == ".":
        return ""
    if not is_tree_path(text):
        raise ToolError(f"{given} is no path in the repository; give one relative to its root, without '..'")
    _check_links(place.tree.path, text, given)
    return text


def read_writable_path(place: Place, given: str) -> str:
    """As `read_path`, for a file that is to be written. Raises `ToolError` also when no run may touch it."""
    path = read_path(place, given)
    if not path:
        raise ToolError("that is the repository's root, not a file")
    objection = place.find_objection(path)
    if objection is not None:
        raise ToolError(f"{path} {objection}: no run may touch it. Leave it as it is, and say so if it matters")
    return path


def _check_links(root: Path, path: str, given: str) -> None:
    """A link may lead anywhere: nothing is read or written through one."""
    place = root
    for part in path.split("/"):
        place /= part
        if place.is_symlink():
            raise ToolError(f"{given} leads through a symbolic link ({place.relative_to(root)}); name the file itself")
