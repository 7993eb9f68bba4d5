"""An existing column's attribute changed: only the arguments that say what is different."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from bot.implement.models.brackets import (
    find_argument,
    insert_argument,
    map_call,
    remove_argument,
    replace_argument,
    set_argument,
)
from bot.implement.models.class_body import assigned, call_name, code_of, find_statement, replace_statement
from bot.implement.models.column_source import (
    ColumnContext,
    column_call,
    render_annotation,
    render_column_type,
    render_default,
)
from bot.implement.models.enum_source import find_member
from bot.implement.models.layout import Node
from bot.migration.types import split_name
from bot.schema.model import Column

_NO_TYPES = {"ForeignKey", "Identity", "Computed", "CheckConstraint", "Sequence", "FetchedValue"}


def edit_call(
    context: ColumnContext, node: cst.ClassDef, attribute: str, change: Callable[[cst.Call], cst.Call]
) -> cst.ClassDef:
    """The class with the column's call changed; a bare annotation gets a `mapped_column()` first."""
    statement = find_statement(node, attribute)
    if statement is None:
        return node
    width = context.workbench.style.line_length - 4
    found = assigned(statement)
    call = statement
    if found is not None and found[1] is None:
        empty = cst.parse_expression(f"{context.editor.write.orm('mapped_column')}()")
        assert isinstance(statement.body[0], cst.AnnAssign)  # noqa: S101 (it has no value)
        equal = cst.AssignEqual()
        call = statement.with_changes(body=[statement.body[0].with_changes(value=empty, equal=equal)])
    return replace_statement(node, statement, map_call(call, change, width))


def alter_column(
    context: ColumnContext, node: cst.ClassDef, attribute: str, before: Column, after: Column
) -> cst.ClassDef:
    """The class with the attribute as the column is to be."""
    if (before.nullable, before.type) != (after.nullable, after.type):
        node = _set_annotation(context, node, attribute, after)
    changes = _list_changes(context, before, after, is_mapped=_has_annotation(node, attribute))
    if not changes:
        return node

    def change(call: cst.Call) -> cst.Call:
        for apply in changes:
            call = apply(call)
        return call

    return edit_call(context, node, attribute, change)


def _list_changes(
    context: ColumnContext, before: Column, after: Column, *, is_mapped: bool
) -> list[Callable[[cst.Call], cst.Call]]:
    width = context.workbench.style.line_length - 4
    changes: list[Callable[[cst.Call], cst.Call]] = []
    if (before.type, before.collation) != (after.type, after.collation):
        type_ = render_column_type(context, after, is_optional=is_mapped)
        changes.append(lambda call: _set_type(call, type_, width))
    if (before.identity, before.generated) != (after.identity, after.generated):
        changes.append(lambda call: _set_generation(context, call, after, width))
    if before.nullable != after.nullable:
        changes.append(lambda call: _set_nullable(call, after, width, is_mapped=is_mapped))
    if before.default != after.default:
        changes.append(lambda call: set_argument(call, "server_default", render_default(context, after), width))
        changes.append(lambda call: _set_python_default(context, call, after, width))
    if before.comment != after.comment:
        comment = context.editor.write.literal(after.comment) if after.comment is not None else None
        changes.append(lambda call: set_argument(call, "comment", comment, width))
    return changes


def _has_annotation(node: cst.ClassDef, attribute: str) -> bool:
    statement = find_statement(node, attribute)
    found = assigned(statement) if statement is not None else None
    return found is not None and found[2] is not None


def _set_annotation(context: ColumnContext, node: cst.ClassDef, attribute: str, column: Column) -> cst.ClassDef:
    statement = find_statement(node, attribute)
    small = statement.body[0] if statement is not None else None
    if statement is None or not isinstance(small, cst.AnnAssign):
        return node
    annotation = cst.Annotation(annotation=cst.parse_expression(render_annotation(context, column)))
    changed = small.annotation.with_changes(annotation=annotation.annotation)
    return replace_statement(node, statement, statement.with_changes(body=[small.with_changes(annotation=changed)]))


def _set_type(call: cst.Call, type_: Node | None, width: int) -> cst.Call:
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == "type_":
            return set_argument(call, "type_", type_, width)
        if argument.keyword is None and _is_type(argument.value):
            return remove_argument(call, argument) if type_ is None else replace_argument(call, argument, type_, width)
    position = int(
        bool(call.args) and call.args[0].keyword is None and isinstance(call.args[0].value, cst.SimpleString)
    )
    return call if type_ is None else insert_argument(call, position, type_, width)


def _is_type(value: cst.BaseExpression) -> bool:
    return not isinstance(value, (cst.SimpleString, cst.ConcatenatedString)) and call_name(value) not in _NO_TYPES


def _set_generation(context: ColumnContext, call: cst.Call, column: Column, width: int) -> cst.Call:
    for argument in call.args:
        if call_name(argument.value) in {"Identity", "Computed"}:
            call = remove_argument(call, argument)
    wanted = column_call(context, column, column.name, is_core=True)
    position = sum(argument.keyword is None for argument in call.args)
    for item in wanted.items:
        opening = item.node if isinstance(item.node, str) else item.node.opening
        if not item.prefix and re.search(r"\b(Identity|Computed)\($", opening):
            call = insert_argument(call, position, item.node, width)
    return call


def _set_nullable(call: cst.Call, column: Column, width: int, *, is_mapped: bool) -> cst.Call:
    known = find_argument(call, "nullable")
    if known is None and (is_mapped or column.nullable):
        return call
    if known is not None and (is_mapped or column.nullable):
        return set_argument(call, "nullable", str(column.nullable) if not is_mapped else None, width)
    return set_argument(call, "nullable", "False", width)


def _set_python_default(context: ColumnContext, call: cst.Call, column: Column, width: int) -> cst.Call:
    """A Python-side default that stood beside the server's would win over the new one: it follows, or goes."""
    known = find_argument(call, "default")
    if known is None or column.default is None or code_of(known.value) in {"None"}:
        return call
    value = _python_literal(context, column)
    table = context.table.name
    if value is None:
        context.workbench.notes.append(
            f"`{table}.{column.name}`: the model's own default `{code_of(known.value)}` is gone, the database's stands"
        )
    return set_argument(call, "default", value, width)


def _python_literal(context: ColumnContext, column: Column) -> str | None:
    default = column.default or ""
    if re.fullmatch(r"-?\d+", default) or default in {"true", "false"}:
        return default.capitalize() if default in {"true", "false"} else default
    match = re.fullmatch(r"'((?:[^']|'')*)'::(.+)", default)
    if match is None:
        return None
    text = match[1].replace("''", "'")
    name = split_name(column.type)
    if name in context.workbench.enum_places:
        member = find_member(context.workbench, name, text)
        return f"{context.editor.class_name(context.workbench.enum_places[name])}.{member}" if member else None
    return context.editor.write.literal(text) if match[2] in {"text", "character varying"} else None
