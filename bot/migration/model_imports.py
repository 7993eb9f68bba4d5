"""What a revision takes from the application: its models, and sessions to use them with."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.migration.imports import resolve_import
from bot.migration.lint_context import LintContext
from bot.migration.revision_calls import get_last_name
from bot.migration.revision_source import RevisionSource, read_revision_source

_MODELS = re.compile(
    r"__tablename__|\bDeclarativeBase\b|\bdeclarative_base\b|\bMappedAsDataclass\b"
    r"|^class \w+\([^)]*(?:\b\w+\.Model\b|\btable=True\b)",
    re.MULTILINE,
)
_SESSIONS = frozenset({"Session", "sessionmaker", "scoped_session", "AsyncSession", "async_sessionmaker"})
MAX_SOURCE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelImport:
    """An import statement; `module` as it is written there."""

    module: str
    line: int


def find_model_imports(context: LintContext, source: RevisionSource) -> tuple[ModelImport, ...]:
    """The imports of the revision, wherever they stand in it, that lead to a module of the tree that maps tables."""
    tree = context.tree or context.base_tree
    if tree is None:
        return ()
    nodes = (node for node in ast.walk(source.module) if isinstance(node, (ast.Import, ast.ImportFrom)))
    return tuple(
        ModelImport(_get_module(node), node.lineno)
        for node in nodes
        if any(_leads_to_models(tree, path) for path in resolve_import(tree, tree / source.path, node))
    )


def find_sessions(source: RevisionSource) -> Iterator[int]:
    """The lines where a session is made, or Flask-SQLAlchemy's `db.session` is taken."""
    seen: set[int] = set()
    for node in ast.walk(source.module):
        is_made = isinstance(node, ast.Call) and get_last_name(node.func) in _SESSIONS
        is_taken = isinstance(node, ast.Attribute) and node.attr == "session" and get_last_name(node.value) == "db"
        if (is_made or is_taken) and node.lineno not in seen:  # type: ignore[attr-defined]  # both are expressions
            seen.add(node.lineno)  # type: ignore[attr-defined]
            yield node.lineno  # type: ignore[attr-defined]


def _get_module(node: ast.Import | ast.ImportFrom) -> str:
    if isinstance(node, ast.ImportFrom):
        return "." * node.level + (node.module or "")
    return ", ".join(name.name for name in node.names)


def _leads_to_models(tree: Path, path: Path) -> bool:
    """Whether the file maps tables, or is a package that gathers what its modules map."""
    text = _read(path)
    if _MODELS.search(text):
        return True
    if path.name != "__init__.py":
        return False
    nodes = ast.walk(read_revision_source(path.name, text).module)
    imports = (node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom)))
    return any(_MODELS.search(_read(found)) for node in imports for found in resolve_import(tree, path, node))


def _read(path: Path) -> str:
    """Empty for what is too large or no text."""
    try:
        return "" if path.stat().st_size > MAX_SOURCE_BYTES else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
