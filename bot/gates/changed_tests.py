"""Which of the repository's own tests a change touches."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from bot.workspace.tree import FileChange

FOLDERS = ("test", "tests")
FILES = ("test_*.py", "*_test.py", "tests.py", "conftest.py")


def list_changed_tests(changes: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """The files of tests, and what lies beside them, that were there before and are changed or deleted."""
    return tuple(change for change in changes if change.kind != "added" and is_test_file(change.path))


def is_test_file(path: str) -> bool:
    """Whether the path is a test's, by its folder or by pytest's naming of files."""
    parts = PurePosixPath(path).parts
    in_folder = any(part in FOLDERS for part in parts[:-1])
    return in_folder or any(fnmatchcase(parts[-1], pattern) for pattern in FILES)
