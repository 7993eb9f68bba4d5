"""A tree's changes as text that JSON and databases hold, and back without the loss of a byte."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.workspace.blobs import read_blobs
from bot.workspace.changed_tree import copy_index, list_differences
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, PatchRefused

_DIFF = ("-r", "-p", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
_NO_FUNCTION_NAMES = {"diff.default.xfuncname": "$^"}  # they may be cut in the middle of a character


def render_patch(git: Git, base_commit: str, tree: str) -> str:
    """The patch that leads from the commit to the tree, as `git diff` writes it; empty when they are the same.

    Files that are no UTF-8 or have NUL in them cannot be text in JSON and in Postgres; they are given in git's binary
    form, which is ASCII. Raises `GitError`.
    """
    for attributes in _list_attributes(git, base_commit, tree):
        place = git.directory / "attributes"
        place.write_text(attributes)
        config = {"core.attributesFile": str(place), **_NO_FUNCTION_NAMES}
        patch = git.run("diff-tree", *_DIFF, base_commit, tree, config=config)
        if is_text([patch]):
            return patch.decode()
    raise GitError("git diff-tree gave a binary patch that is no text")


def read_patch(git: Git, base_index: Path, patch: str) -> str:
    """The tree object that the patch makes of the commit in the index. Raises `PatchRefused` when it does not fit."""
    copy_index(git, base_index)
    if patch:
        try:
            git.run("apply", "--cached", "--whitespace=nowarn", "-", data=patch.encode())
        except (GitError, UnicodeEncodeError) as error:
            raise PatchRefused(f"the patch does not fit the commit: {error}") from error
    return git.run("write-tree").decode().strip()


def is_text(chunks: Iterable[bytes]) -> bool:
    """Whether a content is UTF-8 without NUL: whether a patch shows it, line by line."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        if any("\0" in decoder.decode(chunk) for chunk in chunks):
            return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _list_attributes(git: Git, base_commit: str, tree: str) -> Iterator[str]:
    """Which files to give in binary form, as gitattributes(5): none; those that are no text; if need be, all."""
    yield ""
    differences = list_differences(git, base_commit, tree)
    object_ids = {name for item in differences for name in (item.old_object_id, item.object_id) if name.strip("0")}
    binary = {name for name, chunks in zip(object_ids, read_blobs(git, object_ids), strict=True) if not is_text(chunks)}
    paths = [item.path for item in differences if not binary.isdisjoint((item.old_object_id, item.object_id))]
    yield "".join(f"{_quote_pattern(path)} -diff\n" for path in paths)
    yield "* -diff\n"


def _quote_pattern(path: str) -> str:
    """A pattern that matches the path alone: its wildcards escaped, then the whole quoted as in C."""
    pattern = re.sub(rb"([*?\[\\])", rb"\\\1", os.fsencode(f"/{path}"))
    letters = (chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}" for byte in pattern)
    return f'"{"".join(letters)}"'
