"""The OpenAPI document that a repository's application gives of itself, asked for in the sandbox."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from bot.workspace.databases import Database
from bot.workspace.process import MIB, Limits
from bot.workspace.workspace import Workspace

LIMITS = Limits(timeout_seconds=120, output_bytes=8 * MIB)
MAX_SOURCE_BYTES = 256 * 1024
SKIPPED = frozenset({".git", "__pycache__", "node_modules", ".venv", "tests", "test"})
# The last line is ours; what the application prints while it is imported comes before it.
PROGRAM = """
import importlib, json, sys
module, name = sys.argv[1].split(":")
print()
print(json.dumps(getattr(importlib.import_module(module), name).openapi()))
"""


def read_openapi(workspace: Workspace, database: Database, env: Mapping[str, str]) -> Mapping[str, object] | None:
    """The document of the first application that gives one; None when there is none, or it cannot be imported.

    Applications are FastAPI's, made at the top of a module. What they say is theirs: it is not to be trusted further.
    """
    for application in list_applications(workspace.tree.path):
        done = workspace.run(["python", "-c", PROGRAM, application], database, env=env, limits=LIMITS)
        document = _parse(done.stdout) if done.ok else None
        if document is not None:
            return document
    return None


def list_applications(tree: Path) -> tuple[str, ...]:
    """Every `module:variable` at which an application is made, those near the root first."""
    found = ((path, name) for path in _list_sources(tree) for name in _list_names(tree / path))
    ordered = sorted(found, key=lambda item: (len(item[0].parts), item))
    return tuple(f"{_name_module(path)}:{name}" for path, name in ordered)


def _list_sources(tree: Path) -> Iterator[PurePosixPath]:
    for root, folders, names in os.walk(tree):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in names:
            path = Path(root, name)
            if name.endswith(".py") and not path.is_symlink() and path.stat().st_size <= MAX_SOURCE_BYTES:
                yield PurePosixPath(path.relative_to(tree).as_posix())


def _list_names(path: Path) -> Iterator[str]:
    try:
        source = path.read_text(encoding="utf-8")
        body = ast.parse(source).body if "FastAPI" in source else []
    except (OSError, SyntaxError, ValueError, RecursionError):
        return
    for node in body:
        if isinstance(node, ast.Assign) and _is_application(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and _is_application(node.value) and isinstance(node.target, ast.Name):
            yield node.target.id


def _is_application(node: ast.expr | None) -> bool:
    """Whether it is `FastAPI(…)` or `fastapi.FastAPI(…)`."""
    function = node.func if isinstance(node, ast.Call) else None
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    return name == "FastAPI"


def _name_module(path: PurePosixPath) -> str:
    """The dotted name under which the tree's own packages are imported: below `src`, if that is there."""
    parts = path.with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _parse(output: str) -> Mapping[str, object] | None:
    try:
        document = json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("paths"), dict) else None
