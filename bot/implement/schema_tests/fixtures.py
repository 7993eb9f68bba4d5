"""The fixture of the repository's own tests that gives a database session, when it has one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

NAMES = ("session", "db_session", "db", "dbsession", "database_session")
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SessionFixture:
    """`folder` holds the conftest that defines it: tests below it can use it."""

    name: str
    folder: Path


def find_test_folder(tree: Path) -> Path:
    """The folder of the repository's tests, relative to the tree; `tests` when there is none."""
    for name in ("tests", "test"):
        if (tree / name).is_dir() and not (tree / name).is_symlink():
            return Path(name)
    return Path("tests")


def find_session_fixture(tree: Path) -> SessionFixture | None:
    """A function-scoped, synchronous fixture that is annotated as giving SQLAlchemy's `Session`."""
    for folder in dict.fromkeys((find_test_folder(tree), Path())):
        path = tree / folder / "conftest.py"
        if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_BYTES:
            continue
        try:
            module = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name in NAMES and _gives_session(node):
                return SessionFixture(node.name, folder)
    return None


def _gives_session(node: ast.FunctionDef) -> bool:
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    is_fixture = any("fixture" in text and "scope" not in text for text in decorators)
    annotation = ast.unparse(node.returns) if node.returns is not None else ""
    words = annotation.replace("[", " ").replace("]", " ").replace(",", " ").replace(".", " ").split()
    return is_fixture and "Session" in words
