"""A tree's changes as text, that JSON and databases hold, and back without the loss of a byte."""

from __future__ import annotations

from pathlib import Path

from bot.workspace.changed_tree import copy_index
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, PatchRefused

_DIFF = ("-r", "-p", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")


def render_patch(git: Git, base_commit: str, tree: str) -> str:
    """The patch that leads from the commit to the tree, as `git diff` writes it; empty when they are the same.

    Files that are no UTF-8, or have NUL in them, could not be text in JSON or in Postgres: when one is there, all files
    are given in git's binary form, which is ASCII. Raises `GitError`.
    """
    output = git.run("diff-tree", *_DIFF, base_commit, tree)
    try:
        text = output.decode()
    except UnicodeDecodeError:
        text = "\0"
    return text if "\0" not in text else _render_binary(git, base_commit, tree)


def read_patch(git: Git, base_index: Path, patch: str) -> str:
    """The tree object that the patch makes of the commit in the index. Raises `PatchRefused` when it does not fit."""
    copy_index(git, base_index)
    if patch:
        try:
            git.run("apply", "--cached", "--whitespace=nowarn", "-", data=patch.encode())
        except (GitError, UnicodeEncodeError) as error:
            raise PatchRefused(f"the patch does not fit the commit: {error}") from error
    return git.run("write-tree").decode().strip()


def _render_binary(git: Git, base_commit: str, tree: str) -> str:
    attributes = git.directory / "binary-attributes"
    attributes.write_text("* -diff\n")
    config = {"core.attributesFile": str(attributes)}
    return git.run("diff-tree", *_DIFF, base_commit, tree, config=config).decode("ascii")
