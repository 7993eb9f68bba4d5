"""Which files of a repository a module imports, found in the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

MAX_FILES = 2_000
MAX_SOURCE_BYTES = 1 << 20


def find_imported_files(tree: Path, starts: Iterable[Path]) -> tuple[Path, ...]:
    """The files of `starts` and every file of the tree that they import, directly or not, each once.

    Modules are looked for in the tree, in its `src` folder, and beside each of the folders above the importing file.
    At most `MAX_FILES` are followed, none larger than `MAX_SOURCE_BYTES`, and no symbolic link.
    """
    seen: dict[Path, None] = {}
    known: dict[tuple[Path, str], tuple[Path, ...]] = {}
    waiting = [path for path in starts if _is_source(path)]
    while waiting and len(seen) < MAX_FILES:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen[path] = None
        waiting.extend(found for found in _find_imports(tree, path, known) if found not in seen)
    return tuple(seen)


def _is_source(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_SOURCE_BYTES


def resolve_import(tree: Path, path: Path, node: ast.Import | ast.ImportFrom) -> Iterator[Path]:
    """The files of the tree that one import statement of the file at `path` reads."""
    if isinstance(node, ast.Import):
        for name in node.names:
            yield from _resolve(_roots(tree, path), name.name)
        return
    roots = [_climb(path, node.level)] if node.level else _roots(tree, path)
    yield from _resolve(roots, node.module or "")
    for name in node.names:
        yield from _resolve(roots, f"{node.module}.{name.name}" if node.module else name.name)


def _find_imports(tree: Path, path: Path, known: dict[tuple[Path, str], tuple[Path, ...]]) -> Iterator[Path]:
    """`known` has what is resolved already: the revisions of a long history all import the same, from one folder."""
    for statement in _read_imports(path.read_bytes()):
        key = (path.parent, statement)
        if key not in known:
            nodes = ast.walk(ast.parse(statement))
            imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
            known[key] = tuple(file for node in imports for file in resolve_import(tree, path, node))
        yield from known[key]


def _read_imports(source: bytes) -> list[str]:
    """Its import statements. Where each is a line of its own nothing else is parsed: histories are long."""
    lines = [line.strip() for line in source.splitlines() if b"import" in line or line.endswith(b"\\")]
    statements = [_read_import(line) for line in lines]
    whole = [statement for statement in statements if statement is not None]
    if len(whole) == len(statements):
        return whole
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    return [ast.unparse(node) for node in ast.walk(module) if isinstance(node, (ast.Import, ast.ImportFrom))]


@lru_cache(maxsize=1024)
def _read_import(line: bytes) -> str | None:
    """The statement, None when the line is something else or more."""
    try:
        body = ast.parse(line).body
    except (SyntaxError, ValueError, RecursionError):
        return None
    return ast.unparse(body[0]) if len(body) == 1 and isinstance(body[0], (ast.Import, ast.ImportFrom)) else None


def _roots(tree: Path, path: Path) -> list[Path]:
    above = [folder for folder in path.parents if folder.is_relative_to(tree)]
    return list(dict.fromkeys([tree, tree / "src", *above]))


def _climb(path: Path, level: int) -> Path:
    return path.parents[min(level, len(path.parents)) - 1]


def _resolve(roots: Iterable[Path], name: str) -> Iterator[Path]:
    """The module's file and the packages on the way to it, in the first root that has it."""
    steps = name.split(".") if name else []
    for root in roots:
        files = [root.joinpath(*steps[:count], "__init__.py") for count in range(0 if not steps else 1, len(steps) + 1)]
        files += [root.joinpath(*steps).with_suffix(".py")] if steps else []
        found = [file for file in files if _is_source(file)]
        if found:
            yield from found
            return
