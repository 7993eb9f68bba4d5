"""Steps for the columns of tables that stand already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from bot.migration.casts import is_same_family, render_using
from bot.migration.elements import build_column, build_default, namespace
from bot.migration.placeholders import render_placeholder
from bot.migration.sql_text import quote_literal, quote_name, quote_qualified
from bot.migration.steps import AlterColumn, AlterType, Step, sql
from bot.migration.types import read_type
from bot.schema.model import Column, Schema, Table


def drop_column(table: Table, column: Column) -> Step:
    """Take a column away."""
    return Step(ops.DropColumnOp(table.name, column.name, schema=namespace(table.schema)))


def drop_expression(table: Table, column: Column) -> Step:
    """A computed column becomes a plain one with the values that it has."""
    where = quote_qualified(table.schema, table.name)
    return sql(f"ALTER TABLE {where} ALTER COLUMN {quote_name(column.name)} DROP EXPRESSION")


def add_column(
    table: Table, column: Column, schema: Schema, *, reverting: bool, is_filled_later: bool = False
) -> Iterator[Step]:
    """Add a column to a table that may have rows.

    `reverting`: the column is one that the upgrade took away. Its values are gone, so where it may not be null and has
    no default, rows get a placeholder; on the way up nothing is ever invented. `is_filled_later`: only new rows get the
    default here, since giving it to those that stand would rewrite the table.
    """
    if is_filled_later:
        bare_column = replace(column, default=None)
        yield Step(ops.AddColumnOp(table.name, build_column(bare_column, schema), schema=namespace(table.schema)))
        type_ = read_type(column.type, schema, column.collation)
        default = build_default(column)
        yield Step(_alter(table, bare_column, existing_type=type_, modify_server_default=default))
        return
    bare = column.default is None and column.identity is None and column.generated is None
    built = build_column(column, schema)
    if not (reverting and bare and not column.nullable):
        yield Step(ops.AddColumnOp(table.name, built, schema=namespace(table.schema)))
        return
    built.nullable = True
    yield Step(ops.AddColumnOp(table.name, built, schema=namespace(table.schema)))
    name, where = quote_name(column.name), quote_qualified(table.schema, table.name)
    placeholder = render_placeholder(table, column, schema)
    note = f"The values of {column.name} went with the upgrade: every row gets a placeholder."
    yield sql(f"UPDATE {where} SET {name} = {placeholder}", note)  # noqa: S608 (names are quoted)
    type_ = read_type(column.type, schema, column.collation)
    yield Step(_alter(table, column, existing_type=type_, modify_nullable=False))


def alter_column(
    table: Table, before: Column, after: Column, old: Schema, new: Schema, *, is_rebuilt: bool, reverting: bool
) -> Iterator[Step]:
    """Lead one column from what it is to what it shall be, rows kept. `is_rebuilt`: its type is made anew.

    Its expression, if it shall have none, is gone already (`drop_expression`).
    """
    if after.generated is None:
        before = replace(before, generated=None)
    if before.identity is not None and before.identity != after.identity:
        yield change_identity(table, before, after.identity, old)
        before = replace(before, identity=after.identity)
    retyped = is_rebuilt or (before.type, before.collation) != (after.type, after.collation)
    in_the_way = retyped and (is_rebuilt or not is_same_family(before.type, after.type))
    if before.default is not None and (in_the_way or (after.identity is not None and before.identity is None)):
        yield drop_default(table, before, old)
        before = replace(before, default=None)
    using = _render_using(before, after, is_rebuilt=is_rebuilt, reverting=reverting) if retyped else None
    if reverting and before.nullable and not after.nullable and after.default is None and after.identity is None:
        yield _fill_with_placeholder(table, before, old)
    yield from _alter_rest(table, before, after, old, new, retyped=retyped, using=using)


def _fill_with_placeholder(table: Table, column: Column, schema: Schema) -> Step:
    """Rows that have come to be without a value would not let the downgrade pass."""
    name, where = quote_name(column.name), quote_qualified(table.schema, table.name)
    placeholder = render_placeholder(table, column, schema)
    note = f"Rows without {column.name} get a placeholder, as it may not be null again."
    return sql(f"UPDATE {where} SET {name} = {placeholder} WHERE {name} IS NULL", note)  # noqa: S608 (quoted)


def _alter_rest(
    table: Table, before: Column, after: Column, old: Schema, new: Schema, *, retyped: bool, using: str | None
) -> Iterator[Step]:
    options: dict[str, Any] = {}
    if using is not None and "%" in using:
        yield _retype(table, after, using)
        before, retyped = replace(before, type=after.type, collation=after.collation), False
    if retyped:
        options["modify_type"] = read_type(after.type, new, after.collation)
        options["postgresql_using"] = using
    if before.default != after.default or (retyped and after.default is not None):
        options["modify_server_default"] = build_default(after)
    if before.comment != after.comment:
        options["modify_comment"] = after.comment
    fills = before.nullable and not after.nullable and after.default is not None
    if before.nullable != after.nullable and not fills:
        options["modify_nullable"] = after.nullable
    if options:
        yield Step(_alter(table, before, existing_type=read_type(before.type, old, before.collation), **options))
    if fills:
        yield from _forbid_null(table, after, new)
    if before.identity is None and after.identity is not None:
        yield from _add_identity(table, after, new)


def _retype(table: Table, column: Column, using: str) -> Step:
    """What `op.alter_column` says, as a statement: it hands USING on as it is, and drivers take % for a parameter."""
    where, name = quote_qualified(table.schema, table.name), quote_name(column.name)
    collation = f" COLLATE {column.collation}" if column.collation else ""
    return sql(f"ALTER TABLE {where} ALTER COLUMN {name} TYPE {column.type}{collation} USING {using}")


def alter_nullable(table: Table, column: Column, schema: Schema, *, nullable: bool) -> Step:
    """Allow or forbid null, and nothing else."""
    type_ = read_type(column.type, schema, column.collation)
    return Step(_alter(table, column, existing_type=type_, modify_nullable=nullable))


def _alter(table: Table, column: Column, **options: Any) -> ops.AlterColumnOp:
    if "modify_server_default" not in options and column.default is not None and column.generated is None:
        options["existing_server_default"] = sa.DefaultClause(build_default(column))
    if "modify_server_default" in options and options["modify_server_default"] is not None:
        value = options["modify_server_default"]
        options["modify_server_default"] = value if isinstance(value, sa.Identity) else sa.DefaultClause(value)
    if options.get("postgresql_using") is None:
        options.pop("postgresql_using", None)
    if "modify_comment" in options and column.comment is not None:
        options["existing_comment"] = column.comment
    options.setdefault("existing_nullable", column.nullable)
    kind = AlterType if "postgresql_using" in options else ops.AlterColumnOp
    return kind(table.name, column.name, schema=namespace(table.schema), **options)


def _render_using(before: Column, after: Column, *, is_rebuilt: bool, reverting: bool) -> str | None:
    name = quote_name(after.name)
    if is_rebuilt:
        return f"{name}::text{'[]' if before.type.endswith('[]') else ''}::{after.type}"
    return render_using(name, before.type, after.type, reverting=reverting)


def _forbid_null(table: Table, column: Column, schema: Schema) -> Iterator[Step]:
    """Rows without a value get the default first, then null is refused."""
    name, where = quote_name(column.name), quote_qualified(table.schema, table.name)
    statement = f"UPDATE {where} SET {name} = DEFAULT WHERE {name} IS NULL"  # noqa: S608 (names are quoted)
    yield sql(statement, "Rows without a value get the default.")
    type_ = read_type(column.type, schema, column.collation)
    yield Step(_alter(table, replace(column, nullable=True), existing_type=type_, modify_nullable=False))


def drop_default(table: Table, column: Column, schema: Schema) -> Step:
    """Take the default away."""
    type_ = read_type(column.type, schema, column.collation)
    return Step(_alter(table, column, existing_type=type_, modify_server_default=None))


def change_identity(table: Table, before: Column, identity: str | None, old: Schema) -> Step:
    """Drop an identity, or change whether it is always generated."""
    wanted = None if identity is None else sa.Identity(always=identity == "always")
    return Step(
        AlterColumn(
            table.name,
            before.name,
            schema=namespace(table.schema),
            existing_type=read_type(before.type, old, before.collation),
            existing_nullable=before.nullable,
            modify_server_default=wanted,
            existing_server_default=sa.Identity(always=before.identity == "always"),
        )
    )


def _add_identity(table: Table, column: Column, schema: Schema) -> Iterator[Step]:
    identity = sa.Identity(always=column.identity == "always")
    type_ = read_type(column.type, schema)
    yield Step(_alter(table, column, existing_type=type_, modify_server_default=identity))
    yield continue_after_rows(table, column)


def continue_after_rows(table: Table, column: Column) -> Step:
    """Let the sequence of a column that has values go on after the greatest of them."""
    where = quote_qualified(table.schema, table.name)
    sequence = f"pg_get_serial_sequence({quote_literal(where)}, {quote_literal(column.name)})"
    highest = f"(SELECT coalesce(max({quote_name(column.name)}), 0) + 1 FROM {where})"  # noqa: S608 (names are quoted)
    return sql(f"SELECT setval({sequence}, {highest}, false)", "New values come after those that are there.")
