"""Which new files are no part of a change: what the repository ignores, and caches that tools leave behind."""

from __future__ import annotations

import fnmatch
import os
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from bot.workspace.git import Git
from bot.workspace.git_errors import GitError
from bot.workspace.tree_files import open_file

CACHES = (
    "__pycache__",
    ".pytest_cache",
    ".hypothesis",
    ".mypy_cache",
    ".ruff_cache",
    "*.egg-info",
    "*.pyc",
    ".coverage",
)
_MAX_RULES_BYTES = 1 << 20


def is_cache(name: str) -> bool:
    """Whether a file or directory of that name is a cache, in any repository."""
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in CACHES)


def find_ignored(git: Git, root: Path, paths: Sequence[str], rules: Collection[str]) -> frozenset[str]:
    """Those of the paths that the tree's `.gitignore` files (`rules` are their paths) tell git to ignore.

    Git reads the rules in a directory that holds nothing else: it never looks into the tree, where code of the
    repository may have put anything. Raises `GitError`.
    """
    if not paths or not rules:
        return frozenset()
    with tempfile.TemporaryDirectory() as scratch:
        for path in rules:
            _copy_rules(root, path, Path(scratch))
        ignoring = Git(git.directory, index=Path(scratch) / ".git-index", work_tree=Path(scratch))
        # check-ignore knows no literal pathspecs; a leading "./" keeps a colon from being read as pathspec magic.
        data = b"\0".join(b"./" + os.fsencode(path) for path in paths)
        env = {"GIT_LITERAL_PATHSPECS": "0"}
        answer = ignoring.try_run("check-ignore", "--no-index", "--stdin", "-z", data=data, env=env)
    if answer.returncode > 1:  # 1: none is ignored
        raise GitError(answer.describe())
    return frozenset(os.fsdecode(path).removeprefix("./") for path in answer.stdout.split(b"\0") if path)


def _copy_rules(root: Path, path: str, target: Path) -> None:
    with open_file(root, path) as stream:
        rules = stream.read(_MAX_RULES_BYTES)
    copy = target / PurePosixPath(path)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(rules)
