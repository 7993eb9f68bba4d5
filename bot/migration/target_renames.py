"""Renames that a data model states: `was:` of a table or column, and RENAME in its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pglast import ast
from pglast.enums import ObjectType

from bot.migration.renames import Rename, RenameKind
from bot.spec.model import DataModel, TableSpec
from bot.spec.sql.text import NotSql, parse_statement

_KINDS: dict[ObjectType, RenameKind] = {
    ObjectType.OBJECT_TABLE: "table",
    ObjectType.OBJECT_COLUMN: "column",
    ObjectType.OBJECT_TABCONSTRAINT: "constraint",
    ObjectType.OBJECT_INDEX: "index",
    ObjectType.OBJECT_TYPE: "enum",
    ObjectType.OBJECT_SEQUENCE: "sequence",
    ObjectType.OBJECT_VIEW: "view",
}


def split_table_name(text: str) -> tuple[str, str]:
    """(schema, name) of a name as specs write it: `orders`, `audit.events`; `public` when no schema is given."""
    schema, dot, name = text.strip().partition(".")
    return (schema.strip('" '), name.strip('" ')) if dot else ("public", schema.strip('" '))


def read_renames(model: DataModel) -> tuple[Rename, ...]:
    """All renames, in the order in which the model is carried out: statements, then each table and its columns."""
    renames = [rename for statement in model.statements for rename in _read_statement(statement.sql)]
    for table in model.tables:
        renames += _read_table(table)
    return tuple(renames)


def _read_table(table: TableSpec) -> Iterator[Rename]:
    schema, name = split_table_name(table.name)
    if table.was is not None:
        yield Rename("table", schema, split_table_name(table.was)[1], name)
    for column in table.columns:
        if column.was is not None:
            yield Rename("column", schema, column.was, column.name, table=name)


def _read_statement(sql: str) -> Iterator[Rename]:
    try:
        node = parse_statement(sql)
    except NotSql:
        return  # the server says what is wrong with it, in its own words
    if isinstance(node, ast.RenameStmt) and node.renameType in _KINDS:
        yield _read_rename(node)
    elif isinstance(node, ast.AlterEnumStmt) and node.oldVal is not None:
        schema, name = _read_name(node.typeName)
        yield Rename("enum_value", schema, node.oldVal, node.newVal or "", table=name)


def _read_rename(node: Any) -> Rename:
    kind = _KINDS[node.renameType]
    if node.relation is not None:
        schema, name = node.relation.schemaname or "public", node.relation.relname
    else:
        schema, name = _read_name(node.object)
    if kind in ("column", "constraint"):
        return Rename(kind, schema, node.subname, node.newname, table=name)
    return Rename(kind, schema, name, node.newname)


def _read_name(names: Sequence[Any] | None) -> tuple[str, str]:
    parts = [str(part.sval) for part in names or ()]
    return (parts[-2], parts[-1]) if len(parts) > 1 else ("public", parts[-1])
