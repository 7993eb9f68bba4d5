"""Small questions to the syntax tree of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def last_name(node: ast.expr) -> str:
    """The last part of a dotted name or of what is called or subscripted; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return last_name(node.value) if isinstance(node, ast.Subscript) else ""


def targets(node: ast.stmt) -> Iterator[ast.Name]:
    """The plain names that a statement assigns to."""
    found = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return (target for target in found if isinstance(target, ast.Name))


def class_assignments(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """(name, annotation, value) of every assignment in the body of a class."""
    for item in node.body:
        for target in targets(item):
            annotation = item.annotation if isinstance(item, ast.AnnAssign) else None
            yield target.id, annotation, item.value if isinstance(item, (ast.Assign, ast.AnnAssign)) else None


def read_string(node: ast.Call, name: str) -> str | None:
    """The keyword argument of that name when it is a string."""
    for keyword in node.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None
