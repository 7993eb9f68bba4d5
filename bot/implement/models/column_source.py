"""A column of a schema as an attribute of a model."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.implement.models.constraint_source import InlineParts, name_node
from bot.implement.models.enum_source import render_enum_type
from bot.implement.models.layout import Group, Item, Node, call, lay_out
from bot.implement.models.names import attribute_name
from bot.implement.models.workbench import FileEditor, Workbench
from bot.migration.elements import build_default, foreign_key_options, is_plain_serial, is_taken_for_serial
from bot.migration.types import read_type, render_type, split_name
from bot.schema.model import Column, ForeignKey, Table

# What SQLAlchemy makes of a bare annotation (sqlalchemy.sql.sqltypes._type_map) where Postgres ends up with one type.
_DEFAULT_TYPES = {"integer", "boolean", "date", "uuid", "double precision", "bytea", "character varying"}
_BUILTINS = {int, str, bool, float, bytes, dict, list}
_LIST = "[]"


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """The table that the column belongs to, as it will be, and which constraints stand at its columns."""

    workbench: Workbench
    editor: FileEditor
    table: Table
    inline: InlineParts


def render_column(context: ColumnContext, column: Column, attribute: str | None = None) -> str:
    """The statement of the attribute, without indentation."""
    attribute = attribute or attribute_name(column.name)
    width = context.workbench.style.line_length - 4
    node = column_call(context, column, attribute)
    if not context.workbench.style.is_mapped:
        return lay_out(f"{attribute} = ", node, width)
    annotation = render_annotation(context, column)
    if not node.items:
        return f"{attribute}: {annotation}"
    return lay_out(f"{attribute}: {annotation} = ", node, width)


def column_call(context: ColumnContext, column: Column, attribute: str | None, *, is_core: bool = False) -> Group:
    """`mapped_column(…)` or `Column(…)` with everything that the column states."""
    write, style = context.editor.write, context.workbench.style
    is_mapped = style.is_mapped and not is_core
    function = write.orm("mapped_column") if is_mapped else write.sa("Column")
    positional: list[Node] = [] if column.name == attribute else [write.literal(column.name)]
    type_ = render_column_type(context, column, is_optional=is_mapped)
    positional += [type_] if type_ is not None else []
    if column.name in context.inline.foreign_keys:
        positional.append(_foreign_key(context, context.inline.foreign_keys[column.name]))
    positional += _generation(context, column)
    named = _named(context, column) | ({} if is_mapped else _nullable(context, column))
    order = ("primary_key", "autoincrement", "unique", "index", "nullable", "server_default", "comment")
    items = [Item(node) for node in positional]
    items += [Item(named[name], f"{name}=") for name in order if name in named]
    return Group(f"{function}(", tuple(items))


def render_annotation(context: ColumnContext, column: Column) -> str:
    """`Mapped[…]` with the Python type of the column."""
    editor, style = context.editor, context.workbench.style
    python = python_type(context, column.type)
    if column.nullable:
        optional = editor.imports.get("typing", "Optional") if style.uses_optional else None
        python = f"{optional}[{python}]" if optional else f"{python} | None"
    return f"{editor.write.orm('Mapped')}[{python}]"


def python_type(context: ColumnContext, type_: str) -> str:
    """The Python type that SQLAlchemy gives for a type of the database, in the names of the module."""
    editor = context.editor
    if type_.endswith(_LIST):
        return f"list[{python_type(context, type_[:-2])}]"
    enum = context.workbench.enum_places.get(split_name(type_))
    if enum is not None:
        return editor.class_name(enum)
    python = _find_python_type(type_, context)
    if python is dict:
        return f"dict[str, {editor.imports.get('typing', 'Any')}]"
    if python is object:
        return editor.imports.get("typing", "Any")
    return python.__name__ if python in _BUILTINS else editor.imports.get(python.__module__, python.__name__)


def render_column_type(context: ColumnContext, column: Column, *, is_optional: bool) -> Node | None:
    """The type argument; None where the annotation says it all."""
    has_map = context.workbench.repository.base.has_type_map
    if is_optional and not has_map and column.collation is None and column.type in _DEFAULT_TYPES:
        return None
    return render_type_node(context, column.type, column.collation)


def render_type_node(context: ColumnContext, type_: str, collation: str | None) -> Node:
    """The type as source."""
    write = context.editor.write
    if type_.endswith(_LIST):
        return call(write.postgresql("ARRAY"), render_type_node(context, type_[:-2], collation))
    name = split_name(type_)
    if any((enum.schema, enum.name) == name for enum in context.workbench.after.enums):
        return render_enum_type(context.workbench, context.editor, name)
    for domain in context.workbench.after.domains:
        if (domain.schema, domain.name) == name:
            base = render_type_node(context, domain.type, None)
            check = write.sql(domain.checks[0][1]) if domain.checks else None
            return call(
                write.postgresql("DOMAIN"),
                write.literal(domain.name),
                base,
                constraint_name=write.literal(domain.checks[0][0]) if domain.checks else None,
                check=check,
                not_null=None if domain.nullable else "True",
                default=write.sql(domain.default) if domain.default else None,
            )
    return write.type_expression(render_type(type_, None, collation).expr)


def render_default(context: ColumnContext, column: Column) -> Node | None:
    """The `server_default` argument; None when there is none."""
    write = context.editor.write
    if column.default is None or column.generated is not None or column.identity is not None:
        return None
    if is_plain_serial(column, context.table, context.workbench.after):
        return None
    if _is_serial(context, column):
        context.workbench.not_done.append(
            f"`{context.table.name}.{column.name}`: its sequence is not the one that SQLAlchemy makes for such a column"
        )
        return None
    if column.default == "now()" and context.workbench.style.uses_func_now:
        return f"{write.sa('func')}.now()"
    if column.type == "integer" and column.default.isdigit():
        return write.literal(column.default)
    return write.value(build_default(column))


def _is_serial(context: ColumnContext, column: Column) -> bool:
    owner = (context.table.schema, context.table.name, column.name)
    return any(sequence.owned_by == owner for sequence in context.workbench.after.sequences)


def _find_python_type(type_: str, context: ColumnContext) -> type[Any]:
    try:
        python = read_type(type_, context.workbench.after).python_type
    except NotImplementedError:
        return object
    known = python in _BUILTINS or python.__module__ in {"datetime", "uuid", "decimal"} or python is Decimal
    return python if known and python is not list else object


def _foreign_key(context: ColumnContext, key: ForeignKey) -> Node:
    write = context.editor.write
    owner = "" if key.referred_schema == "public" else f"{key.referred_schema}."
    target = write.literal(f"{owner}{key.referred_table}.{key.referred_columns[0]}")
    options = {name: write.value(value) for name, value in foreign_key_options(key).items()}
    return call(write.sa("ForeignKey"), target, name=name_node(context.workbench, write, context.table, key), **options)


def _generation(context: ColumnContext, column: Column) -> list[Node]:
    write = context.editor.write
    if column.generated is not None:
        return [call(write.sa("Computed"), write.sql_literal(column.generated), persisted="True")]
    if column.identity is not None:
        return [call(write.sa("Identity"), always="True" if column.identity == "always" else None)]
    return []


def _named(context: ColumnContext, column: Column) -> dict[str, Node]:
    write, table, inline = context.editor.write, context.table, context.inline
    named: dict[str, Node] = {}
    if table.primary_key is not None and column.name in table.primary_key.columns:
        named["primary_key"] = "True"
    if is_taken_for_serial(column, table) and not any(column.name in key.columns for key in table.foreign_keys):
        named["autoincrement"] = "False"
    if column.name in inline.uniques:
        named["unique"] = "True"
    if column.name in inline.indexes:
        named["index"] = "True"
        if inline.indexes[column.name].unique:
            named["unique"] = "True"
    default = render_default(context, column)
    if default is not None:
        named["server_default"] = default
    if column.comment is not None:
        named["comment"] = write.literal(column.comment)
    return named


def _nullable(context: ColumnContext, column: Column) -> dict[str, Node]:
    key = context.table.primary_key
    is_key = key is not None and column.name in key.columns
    return {} if column.nullable or is_key else {"nullable": "False"}
