"""Where code names a table or a column."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

from bot.migration.code_files import CodeFile, has_word
from bot.migration.code_search import Line, Search, Use
from bot.migration.code_strings import is_query, list_texts
from bot.migration.mapped_classes import find_classes, get_table_name, list_columns
from bot.migration.revision_calls import get_last_name


def find_table_uses(files: Collection[CodeFile], table: str) -> tuple[Use, ...]:
    """Mapped classes, foreign keys and SQL that name the table."""
    named = re.compile(rf'\b(?:from|join|into|update|only)\s+(?:"?\w+"?\.)?"?{re.escape(table)}\b', re.IGNORECASE)

    def look(module: ast.Module) -> Iterator[Line]:
        for node in ast.walk(module):
            if (isinstance(node, ast.ClassDef) and get_table_name(node) == table) or (
                isinstance(node, ast.Call) and _names_table(node, table)
            ):
                yield node.lineno, True
        yield from ((line, True) for line, text in list_texts(module) if is_query(text) and named.search(text))

    return Search(table, look, lambda text: named.search(text) is not None).run(files)


def find_column_uses(files: Collection[CodeFile], table: str, column: str, *, is_rare: bool) -> tuple[Use, ...]:
    """What maps, reads or writes the column. Attributes of unknown objects count, unsurely, when the name is rare."""
    classes = find_classes(files, table)

    def look(module: ast.Module) -> Iterator[Line]:
        for node in ast.walk(module):
            yield from ((line, True) for line in _list_mapped(node, table, column))
            if isinstance(node, (ast.Attribute, ast.Call)) and _is_of_class(node, classes, column):
                yield node.lineno, True
            elif is_rare and isinstance(node, ast.Attribute) and node.attr == column and not _is_class(node.value):
                yield node.lineno, False
        for line, text in list_texts(module):
            if is_query(text) and is_about(text):
                yield line, True
            elif is_rare and text == column:
                yield line, False

    def is_about(text: str) -> bool:
        return has_word(text, table) and has_word(text, column)

    template = re.compile(rf"(?:\.|\[['\"]){re.escape(column)}\b") if is_rare else None
    return Search(column, look, is_about, template).run(files)


def _names_table(node: ast.Call, table: str) -> bool:
    """`Table("orders", …)` or `ForeignKey("orders.id")`."""
    first = node.args[0] if node.args else None
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return False
    name = get_last_name(node.func)
    return (name == "Table" and first.value == table) or (name == "ForeignKey" and first.value.startswith(f"{table}."))


def _list_mapped(node: ast.AST, table: str, column: str) -> Iterator[int]:
    """Lines where a class or a `Table(…)` maps the column, or a foreign key refers to it."""
    if isinstance(node, ast.ClassDef) and get_table_name(node) == table:
        yield from (line for name, line in list_columns(node) if name == column)
    elif isinstance(node, ast.Call) and get_last_name(node.func) == "Table" and _names_table(node, table):
        for argument in node.args[1:]:
            first = argument.args[0] if isinstance(argument, ast.Call) and argument.args else None
            if isinstance(first, ast.Constant) and first.value == column:
                yield argument.lineno
    elif isinstance(node, ast.Call) and get_last_name(node.func) in ("ForeignKey", "ForeignKeyConstraint"):
        constants = (part for part in ast.walk(node) if isinstance(part, ast.Constant))
        yield from (part.lineno for part in constants if part.value == f"{table}.{column}")


def _is_of_class(node: ast.Attribute | ast.Call, classes: Collection[str], column: str) -> bool:
    """`Order.note`, or `Order(note=…)`."""
    if isinstance(node, ast.Attribute):
        return node.attr == column and get_last_name(node.value) in classes
    return get_last_name(node.func) in classes and any(keyword.arg == column for keyword in node.keywords)


def _is_class(node: ast.expr) -> bool:
    """Whether it looks like a class: then it is one of another table."""
    return get_last_name(node)[:1].isupper()
