"""Where code names a value of an enumerated type."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from bot.migration.code_files import CodeFile
from bot.migration.code_search import Line, Search, Use
from bot.migration.code_strings import list_texts
from bot.migration.mapped_classes import list_assignments
from bot.migration.revision_calls import get_last_name


def find_value_uses(
    files: Collection[CodeFile], value: str, others: Collection[str], columns: Collection[str]
) -> tuple[Use, ...]:
    """Where the value is written; `others` are the type's other values, `columns` those that have the type."""
    names = "|".join(re.escape(column) for column in columns) or r"(?!)"
    compared = re.compile(
        rf"\b(?:{names})\b\"?\s*(?:=|<>|!=|\bin\b|\bnot\s+in\b)[^;]*'{re.escape(value)}'", re.IGNORECASE
    )

    def is_compared(text: str) -> bool:
        return compared.search(text) is not None

    def look(module: ast.Module) -> Iterator[Line]:
        for node in ast.walk(module):
            yield from ((line, True) for line in _list_members(node, value, others))
            if isinstance(node, (ast.Call, ast.Compare)) and _is_given(node, value, columns):
                yield node.lineno, True
        yield from ((line, True) for line, text in list_texts(module) if is_compared(text))

    return Search(value, look, is_compared).run(files)


def _list_members(node: ast.AST, value: str, others: Collection[str]) -> Iterator[int]:
    """Lines where a class, a `sa.Enum(…)` or a `Literal[…]` lists the value together with most of the others."""
    if isinstance(node, ast.ClassDef):
        yield from _list_class_members(node, value, others)
    elif isinstance(node, (ast.Call, ast.Subscript)):
        name = get_last_name(node.func if isinstance(node, ast.Call) else node.value)
        within = node.args if isinstance(node, ast.Call) else [node.slice]
        items = [part for item in within for part in ast.walk(item) if isinstance(part, ast.Constant)]
        if name in ("Enum", "ENUM", "Literal") and _is_mirror({str(item.value) for item in items}, others):
            yield from (item.lineno for item in items if item.value == value)


def _list_class_members(node: ast.ClassDef, value: str, others: Collection[str]) -> Iterator[int]:
    """By value, or by name, which is what SQLAlchemy stores unless it is told otherwise."""
    members = [
        (name, item.value, line) for name, item, line in list_assignments(node) if isinstance(item, ast.Constant)
    ]
    if _is_mirror({str(item) for _, item, _ in members} | {name for name, _, _ in members}, others):
        yield from (line for name, item, line in members if value in (name, item))


def _is_mirror(found: Collection[str], others: Collection[str]) -> bool:
    return bool(others) and 2 * len(set(others) & set(found)) >= len(set(others))


def _is_given(node: ast.Call | ast.Compare, value: str, columns: Collection[str]) -> bool:
    """`order.status == "paid"`, or `status="paid"` as an argument."""
    if isinstance(node, ast.Call):
        return any(keyword.arg in columns and _is_value(keyword.value, value) for keyword in node.keywords)
    sides = [node.left, *node.comparators]
    has_value = any(_is_value(part, value) for side in sides for part in ast.walk(side))
    return has_value and any(get_last_name(side) in columns for side in sides)


def _is_value(node: ast.AST, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value
