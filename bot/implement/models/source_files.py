"""The Python files of a tree that may hold models, parsed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_FILES = 5_000
MAX_SOURCE_BYTES = 1 << 20
SKIPPED_FOLDERS = {"node_modules", "venv", "env", "site-packages", "__pycache__", "build", "dist", "versions"}
TEST_FOLDERS = {"tests", "test"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """`path` is relative to the tree, `module` its dotted name as the repository imports it."""

    path: Path
    module: str
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a package."""
        return self.path.name == "__init__.py"


def read_source_files(tree: Path) -> tuple[SourceFile, ...]:
    """Every parseable Python file under `tree` outside of tests, revisions and environments, sorted by path."""
    files = []
    for path in sorted(_walk(tree, tree))[:MAX_FILES]:
        source = _read(tree, path)
        if source is not None:
            files.append(source)
    return tuple(files)


def _walk(tree: Path, folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_dir() and entry.name not in SKIPPED_FOLDERS | TEST_FOLDERS:
            yield from _walk(tree, entry)
        elif entry.suffix == ".py" and entry.stat().st_size <= MAX_SOURCE_BYTES:
            yield entry


def _read(tree: Path, path: Path) -> SourceFile | None:
    try:
        text = path.read_text(encoding="utf-8")
        parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    relative = path.relative_to(tree)
    return SourceFile(relative, find_module_name(tree, relative), text, parsed)


def find_module_name(tree: Path, path: Path) -> str:
    """The dotted name of the file `path` (relative to `tree`); a `src` folder that is no package is left out."""
    parts = list(path.with_suffix("").parts)
    while len(parts) > 1 and not (tree / parts[0] / "__init__.py").exists() and _is_source_root(tree, path, parts):
        parts.pop(0)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _is_source_root(tree: Path, path: Path, parts: list[str]) -> bool:
    return parts[0] == "src" and len(parts) == len(path.parts) and (tree / "src").is_dir()
