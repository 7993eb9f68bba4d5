"""The application's files in a tree: what may name a table or a column. Nothing is run, no link is followed."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from bot.migration.text_files import find_text

MAX_FILES = 5_000
MAX_FILE_BYTES = 512 * 1024
PYTHON, SQL = frozenset({".py"}), frozenset({".sql"})
TEMPLATES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".txt"})
_SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "tests", "test", "venv", "build", "dist", "docs"})


@dataclass(frozen=True, slots=True)
class CodeFile:
    """`path` is relative to the tree."""

    path: str
    text: str

    @property
    def suffix(self) -> str:
        """The ending of the name, with its dot."""
        return PurePosixPath(self.path).suffix

    def get_line(self, line: int) -> str:
        """That line (from 1) without its indentation."""
        lines = self.text.splitlines()
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""

    def parse(self) -> ast.Module | None:
        """The syntax tree; None for what is no Python."""
        return _parse(self.text)


def read_code(tree: Path, without: Collection[PurePosixPath]) -> tuple[CodeFile, ...]:
    """Python, SQL and templates below the tree, by path; not the tests, and nothing below the folders of `without`."""
    return tuple(sorted(_list_files(tree, frozenset(without)), key=lambda file: file.path))


def has_word(text: str, word: str) -> bool:
    """Whether the text has it as a whole word."""
    return word in text and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


@lru_cache(maxsize=512)
def _parse(text: str) -> ast.Module | None:
    """Kept, as each name that is dropped is looked for in the same files."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _list_files(tree: Path, without: frozenset[PurePosixPath]) -> Iterator[CodeFile]:
    count = 0
    for root, folders, names in os.walk(tree):
        folder = PurePosixPath(Path(root).relative_to(tree).as_posix())
        folders[:] = sorted(name for name in folders if not _is_skipped(name) and folder / name not in without)
        for name in sorted(names):
            if Path(name).suffix not in PYTHON | SQL | TEMPLATES or _is_test(name):
                continue
            text = find_text(Path(root) / name, MAX_FILE_BYTES)
            if text is not None:
                yield CodeFile(str(folder / name), text)
                count += 1
        if count >= MAX_FILES:
            return


def _is_skipped(folder: str) -> bool:
    return folder in _SKIPPED or folder.startswith(".")


def _is_test(name: str) -> bool:
    return name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")
