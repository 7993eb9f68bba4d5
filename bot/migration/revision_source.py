"""The file of a revision as text and syntax tree, without running it."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass

MAX_DEPTH = 200  # of the syntax tree: what is deeper was written to exhaust the stack


@dataclass(frozen=True, slots=True)
class RevisionSource:
    """`path` is relative to the tree. `module` is empty when the text is no Python, `revision` then mostly None.

    `database` is the one of several that is worked on: `alembic init -t multidb` writes `upgrade_<database>()` for it.
    """

    path: str
    text: str
    module: ast.Module
    revision: str | None
    down_revisions: tuple[str, ...] = ()
    database: str | None = None

    def find_function(self, name: str) -> ast.FunctionDef | None:
        """The function of that name (for the database) at the top of the file; as in Python the last one counts."""
        functions = {node.name: node for node in self.module.body if isinstance(node, ast.FunctionDef)}
        return functions.get(f"{name}_{self.database}") or functions.get(name)

    def get_line(self, function: str) -> int:
        """The line of `def FUNCTION`, 1 when there is none."""
        found = self.find_function(function)
        return found.lineno if found else 1

    def does_something(self, function: str) -> bool:
        """Whether the function is there and is more than `pass`, a string, a bare return or an error raised."""
        found = self.find_function(function)
        return found is not None and not all(_is_idle(node) for node in found.body)

    def get_assignment_line(self, name: str) -> int:
        """The line where the name is set at the top of the file, 1 when it is not."""
        for node in self.module.body:
            targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            if any(_is_name(target, name) for target in targets):
                return node.lineno
        return 1


def read_revision_source(path: str, text: str, database: str | None = None) -> RevisionSource:
    """The revision file at `path` from its text. Never raises: what is no Python, or nested too deep, has no tree."""
    module = _parse(text)
    revision = find_value(module, "revision")
    return RevisionSource(
        path=path,
        text=text,
        module=module,
        revision=revision if isinstance(revision, str) else None,
        down_revisions=_as_names(find_value(module, "down_revision")),
        database=database,
    )


def digest_revision(text: str) -> str:
    """A digest of what the revision does: neither layout, comments nor docstrings count."""
    module = _parse(text)
    for node in ast.walk(module):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    content = ast.dump(module) if module.body else text
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def find_value(module: ast.Module, name: str) -> object:
    """What a name is set to at the top of a file: a constant or a tuple of constants; None for all else."""
    value: ast.expr | None = None
    for node in module.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and any(_is_name(target, name) for target in targets):
            value = node.value
    if isinstance(value, ast.Constant):
        return value.value
    if isinstance(value, (ast.Tuple, ast.List)):
        return tuple(item.value for item in value.elts if isinstance(item, ast.Constant))
    return None


def _parse(text: str) -> ast.Module:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
    return ast.Module(body=[], type_ignores=[]) if _is_too_deep(module) else module


def _is_too_deep(module: ast.Module) -> bool:
    level: list[ast.AST] = [module]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _is_idle(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return):
        return node.value is None or isinstance(node.value, ast.Constant)
    is_constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_constant or isinstance(node, (ast.Pass, ast.Raise))


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _as_names(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in values if isinstance(item, str))
