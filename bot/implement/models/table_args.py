"""`__table_args__` of an existing class: constraints and options put in and taken out."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import libcst as cst

from bot.implement.models.brackets import insert_element, parse_tuple, remove_element
from bot.implement.models.class_body import (
    assigned,
    call_name,
    code_of,
    find_statement,
    insert_setting,
    remove_statement,
    replace_statement,
)
from bot.implement.models.constraint_source import Part, render_part
from bot.implement.models.convention import render_name
from bot.implement.models.layout import Node, lay_out, tuple_of
from bot.implement.models.new_table import table_options
from bot.implement.models.source import SourceWriter
from bot.implement.models.workbench import Workbench
from bot.schema.model import Check, Exclusion, ForeignKey, Index, PrimaryKey, Table, Unique

_CALLS: Mapping[str, type] = {
    "UniqueConstraint": Unique,
    "CheckConstraint": Check,
    "ForeignKeyConstraint": ForeignKey,
    "PrimaryKeyConstraint": PrimaryKey,
    "ExcludeConstraint": Exclusion,
    "Index": Index,
}


class ArgumentsNotEditable(Exception):
    """`__table_args__` is worked out by code, so nothing can be put into it."""


def add_part(workbench: Workbench, write: SourceWriter, node: cst.ClassDef, table: Table, part: Part) -> cst.ClassDef:
    """The class with one more constraint. Raises `ArgumentsNotEditable`."""
    width = workbench.style.line_length - 4
    return _add_node(node, render_part(workbench, write, table, part), width)


def _add_node(node: cst.ClassDef, new: Node, width: int) -> cst.ClassDef:
    statement = find_statement(node, "__table_args__")
    if statement is None:
        _refuse_function(node)
        return insert_setting(node, lay_out("__table_args__ = ", tuple_of([new]), width))
    value = _value_of(statement)
    if isinstance(value, cst.Dict):
        changed = parse_tuple([new, code_of(value)], width)
    elif isinstance(value, cst.Tuple):
        has_options = bool(value.elements) and isinstance(value.elements[-1].value, cst.Dict)
        changed = insert_element(value, len(value.elements) - has_options, new, width)
    else:
        raise ArgumentsNotEditable(code_of(statement))
    return _set_value(node, statement, changed)


def remove_part(workbench: Workbench, node: cst.ClassDef, table: Table, part: Part) -> cst.ClassDef | None:
    """The class without the constraint, None when `__table_args__` does not hold it."""
    statement = find_statement(node, "__table_args__")
    value = _value_of(statement) if statement is not None else None
    if statement is None or not isinstance(value, cst.Tuple):
        return None
    matches = [item for item in value.elements if _states(workbench, item.value, table, part, by_name=True)]
    matches = matches or [item for item in value.elements if _states(workbench, item.value, table, part, by_name=False)]
    if not matches:
        return None
    if len(value.elements) == 1:
        return remove_statement(node, "__table_args__")
    return _set_value(node, statement, remove_element(value, matches[0]))


def set_options(write: SourceWriter, node: cst.ClassDef, table: Table, width: int) -> cst.ClassDef:
    """The class with the table's comment as it is to be. Raises `ArgumentsNotEditable`."""
    options = table_options(table)
    statement = find_statement(node, "__table_args__")
    if statement is None:
        _refuse_function(node)
        source = lay_out("__table_args__ = ", write.mapping(options), width)
        return insert_setting(node, source) if options else node
    value = _value_of(statement)
    holder = value.elements[-1].value if isinstance(value, cst.Tuple) and value.elements else value
    if not isinstance(holder, cst.Dict):
        return _append_options(node, statement, value, write.mapping(options), width)
    changed = _with_comment(write, holder, table.comment)
    if isinstance(value, cst.Tuple):
        last = value.elements[-1].with_changes(value=changed)
        changed_value: cst.BaseExpression = value.with_changes(elements=[*value.elements[:-1], last])
    else:
        changed_value = changed
    return _set_value(node, statement, changed_value)


def _append_options(
    node: cst.ClassDef, statement: cst.SimpleStatementLine, value: cst.BaseExpression | None, options: Node, width: int
) -> cst.ClassDef:
    if not isinstance(value, cst.Tuple):
        raise ArgumentsNotEditable(code_of(statement))
    return _set_value(node, statement, insert_element(value, len(value.elements), options, width))


def _with_comment(write: SourceWriter, holder: cst.Dict, comment: str | None) -> cst.Dict:
    kept = [item for item in holder.elements if not _is_key(item, "comment")]
    if comment is None:
        return holder.with_changes(elements=kept)
    new = cst.DictElement(cst.parse_expression(write.literal("comment")), cst.parse_expression(write.literal(comment)))
    elements = [new if _is_key(item, "comment") else item for item in holder.elements]
    return holder.with_changes(elements=elements if len(kept) < len(holder.elements) else [*elements, new])


def _is_key(item: cst.BaseDictElement, name: str) -> bool:
    return isinstance(item, cst.DictElement) and code_of(item.key).strip("\"'") == name


def _refuse_function(node: cst.ClassDef) -> None:
    for item in node.body.body:
        if isinstance(item, cst.FunctionDef) and item.name.value == "__table_args__":
            raise ArgumentsNotEditable("__table_args__ is a function")


def _value_of(statement: cst.SimpleStatementLine) -> cst.BaseExpression | None:
    found = assigned(statement)
    return found[1] if found is not None else None


def _set_value(node: cst.ClassDef, statement: cst.SimpleStatementLine, value: cst.BaseExpression) -> cst.ClassDef:
    small = statement.body[0].with_changes(value=value)
    return replace_statement(node, statement, statement.with_changes(body=[small]))


def _states(workbench: Workbench, node: cst.BaseExpression, table: Table, part: Part, *, by_name: bool) -> bool:
    """Whether an element states the constraint: by its name in the database, else by its content."""
    if _CALLS.get(call_name(node)) is not type(part):
        return False
    call = ast.parse(code_of(node).strip(), mode="eval").body
    assert isinstance(call, ast.Call)  # noqa: S101 (call_name found one)
    name = _read_name(call, part)
    if by_name:
        return name is not None and _is_name(workbench, name, table, part)
    return name is None and _content(call, part) == _expected(part)


def _is_name(workbench: Workbench, name: str, table: Table, part: Part) -> bool:
    if name == part.name:
        return True
    return (
        not isinstance(part, Exclusion) and render_name(workbench.repository.convention, table, part, name) == part.name
    )


def _read_name(call: ast.Call, part: Part) -> str | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "name"]
    value = named[0] if named else call.args[0] if isinstance(part, Index) and call.args else None
    if isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _content(call: ast.Call, part: Part) -> tuple[str, ...]:
    if isinstance(part, ForeignKey):
        first = call.args[0] if call.args else None
        return tuple(_text(item) for item in first.elts) if isinstance(first, (ast.List, ast.Tuple)) else ()
    if isinstance(part, Check):
        return (_folded(_text(call.args[0])),) if call.args else ()
    return tuple(_text(item) for item in (call.args[1:] if isinstance(part, Index) else call.args))


def _expected(part: Part) -> tuple[str, ...]:
    if isinstance(part, (Unique, PrimaryKey, ForeignKey)):
        return part.columns
    if isinstance(part, Check):
        return (_folded(part.expression),)
    return tuple(key.column or "" for key in part.keys) if isinstance(part, Index) else ("",)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def _folded(expression: str) -> str:
    return "".join(character for character in expression.lower() if character not in " ()\n\t")
