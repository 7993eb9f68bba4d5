"""Where the code of a repository names an attribute or a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from bot.implement.models.workbench import Place, Workbench

MAX_USAGES = 10


def find_usages(workbench: Workbench, name: str, owner: Place, *, is_attribute: bool) -> tuple[str, ...]:
    """`path:line` of each use outside of files that are being edited; of an attribute only beside its class's name."""
    found: list[str] = []
    for file in workbench.repository.files:
        is_near = not is_attribute or owner.name in file.text
        if is_near and file.path not in workbench.editors:
            found += [f"{file.path.as_posix()}:{line}" for line in _lines(file.tree, name, is_attribute)]
    return tuple(dict.fromkeys(found))[:MAX_USAGES]


def _lines(tree: ast.Module, name: str, is_attribute: bool) -> Iterator[int]:
    for node in ast.walk(tree):
        if _names_attribute(node, name) if is_attribute else _names_class(node, name):
            yield getattr(node, "lineno", 0)


def _names_attribute(node: ast.AST, name: str) -> bool:
    """`row.name`, `Model(name=…)`, or a field `name: …` of a schema class."""
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == name
    return (isinstance(node, ast.keyword) and node.arg == name) or (
        isinstance(node, ast.Attribute) and node.attr == name
    )


def _names_class(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(item.name == name for item in node.names)
    return isinstance(node, ast.Name) and node.id == name
