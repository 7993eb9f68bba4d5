"""What a model is told of the repository: its instructions, and a map of its files that fits an allowance."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from bot.config import RepositoryConfig
from bot.workspace.git_errors import GitError
from bot.workspace.tree_files import open_file

INSTRUCTIONS = ("AGENTS.md", "CLAUDE.md", "CONTRIBUTING.md")
INSTRUCTION_CHARACTERS = 16_000
MAP_CHARACTERS = 24_000  # some 6,000 tokens
MAX_SOURCE_BYTES = 256 * 1024
SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".venv", "venv", "dist", "build"})


def read_instructions(tree: Path, config: RepositoryConfig) -> dict[str, str]:
    """The repository's instructions by where they stand, those of its config first."""
    found = {".github/specwright.yml, instructions": config.instructions} if config.instructions.strip() else {}
    for name in INSTRUCTIONS:
        text = _read(tree, name)
        if text.strip():
            found[name] = text[:INSTRUCTION_CHARACTERS]
    return found


def render_map(tree: Path) -> str:
    """The files, and the public names of Python's: without the names, then only folders, where it would be too long."""
    paths = sorted(_list_files(tree))
    with_names = "\n".join(_describe(tree, path) for path in paths)
    if len(with_names) <= MAP_CHARACTERS:
        return with_names
    plain = "\n".join(paths)
    return plain if len(plain) <= MAP_CHARACTERS else _render_folders(paths)


def _render_folders(paths: list[str]) -> str:
    counts: dict[str, int] = {}
    for path in paths:
        folder = path.rpartition("/")[0] or "."
        counts[folder] = counts.get(folder, 0) + 1
    lines = [f"{folder}/ ({count} files)" for folder, count in sorted(counts.items())]
    return "\n".join(lines)[:MAP_CHARACTERS]


def _list_files(tree: Path) -> Iterator[str]:
    for root, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in names:
            path = Path(root, name)
            if not path.is_symlink():
                yield path.relative_to(tree).as_posix()


def _describe(tree: Path, path: str) -> str:
    names = list(_list_names(_read(tree, path))) if path.endswith(".py") else []
    return f"{path}: {', '.join(names)}" if names else path


def _list_names(source: str) -> Iterator[str]:
    """The public classes (with their public methods) and functions of a module."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in body:
        if isinstance(node, ast.ClassDef):
            methods = [item.name for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
            public = [name for name in methods if not name.startswith("_")]
            yield f"{node.name}({', '.join(public)})" if public else node.name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node.name


def _read(tree: Path, path: str) -> str:
    try:
        with open_file(tree, path) as stream:
            return stream.read(MAX_SOURCE_BYTES).decode(errors="replace")
    except (FileNotFoundError, GitError):
        return ""
