"""Columns, constraints and indexes of a snapshot as the SQLAlchemy objects that Alembic's operations take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.migration.sql_text import quote_name, quote_qualified, simplify_expression, sql_expression
from bot.migration.steps import final_name
from bot.migration.types import read_type
from bot.schema.model import Check, Column, ForeignKey, Index, IndexKey, PrimaryKey, Schema, Table, Unique

_CAST_LITERAL = re.compile(r"'((?:[^']|'')*)'::(.+)")
_INTEGERS = ("smallint", "integer", "bigint")


def build_column(column: Column, schema: Schema, *, table: Table | None = None, is_serial: bool = False) -> Any:
    """A `sa.Column`; with `table` it becomes part of a new one, where an integer key would turn into a serial."""
    options: dict[str, Any] = {"nullable": column.nullable, "comment": column.comment}
    if table is not None and not is_serial and is_taken_for_serial(column, table):
        options["autoincrement"] = False
    arguments: list[Any] = []
    if column.generated is not None:
        arguments.append(sa.Computed(sql_expression(column.generated), persisted=not column.virtual))
    elif column.identity is not None:
        arguments.append(sa.Identity(always=column.identity == "always"))
    elif column.default is not None and not is_serial:
        options["server_default"] = build_default(column)
    return sa.Column(column.name, read_type(column.type, schema, column.collation), *arguments, **options)


def is_taken_for_serial(column: Column, table: Table) -> bool:
    """Whether SQLAlchemy makes a SERIAL of it: the only key column, an integer, nothing else said about its values."""
    alone = table.primary_key is not None and table.primary_key.columns == (column.name,)
    plain = column.default is None and column.identity is None and column.generated is None
    return alone and plain and column.type in _INTEGERS


def build_default(column: Column) -> Any:
    """A server default: a plain string where the default is a constant of the column's own type, else `sa.text`."""
    if column.default is None:
        return None
    match = _CAST_LITERAL.fullmatch(column.default)
    if match and re.sub(r"\(.*?\)", "", column.type) == match[2]:
        value = match[1].replace("''", "'")
        # Alembic strips quotes at the ends of a plain string, and an empty one would be no default at all.
        if value and value.strip("'") == value and "\\" not in value:
            return value
    return sql_expression(column.default)


def build_primary_key(key: PrimaryKey) -> sa.PrimaryKeyConstraint:
    """The constraint; deferrable ones are added apart, since Alembic does not render that."""
    return sa.PrimaryKeyConstraint(*key.columns, name=_name(key.name))


def build_unique(part: Unique) -> sa.UniqueConstraint:
    """The constraint with the options that it has."""
    return sa.UniqueConstraint(*part.columns, name=_name(part.name), **unique_options(part))


def unique_options(part: Unique) -> dict[str, Any]:
    """Keyword arguments of a unique constraint, only what is not the default."""
    options = deferral(part)
    if part.include:
        options["postgresql_include"] = list(part.include)
    if not part.nulls_distinct:
        options["postgresql_nulls_not_distinct"] = True
    return options


def build_check(part: Check) -> sa.CheckConstraint:
    """The constraint; `NO INHERIT` is not known to SQLAlchemy, see `is_plain_check`."""
    options: dict[str, Any] = {} if part.validated else {"postgresql_not_valid": True}
    return sa.CheckConstraint(sql_expression(part.expression), name=_name(part.name), **options)


def is_plain_check(part: Check) -> bool:
    """Whether SQLAlchemy can say it."""
    return not part.no_inherit


def build_foreign_key(part: ForeignKey) -> sa.ForeignKeyConstraint:
    """The constraint with the options that it has."""
    schema = "" if part.referred_schema == "public" else f"{part.referred_schema}."
    targets = [f"{schema}{part.referred_table}.{column}" for column in part.referred_columns]
    return sa.ForeignKeyConstraint(part.columns, targets, name=_name(part.name), **foreign_key_options(part))


def foreign_key_options(part: ForeignKey) -> dict[str, Any]:
    """Keyword arguments of a foreign key, only what is not the default."""
    options = deferral(part)
    if part.on_update != "NO ACTION":
        options["onupdate"] = part.on_update
    if part.on_delete != "NO ACTION":
        options["ondelete"] = part.on_delete
    if part.match != "SIMPLE":
        options["match"] = part.match
    if not part.validated:
        options["postgresql_not_valid"] = True
    return options


def foreign_key_definition(part: ForeignKey) -> str:
    """The constraint as it stands in DDL after its name."""
    referred = quote_qualified(part.referred_schema, part.referred_table)
    columns, targets = (", ".join(map(quote_name, names)) for names in (part.columns, part.referred_columns))
    words = [f"FOREIGN KEY ({columns}) REFERENCES {referred} ({targets})"]
    words += [f"MATCH {part.match}"] if part.match != "SIMPLE" else []
    words += [f"ON UPDATE {part.on_update}"] if part.on_update != "NO ACTION" else []
    words += [f"ON DELETE {part.on_delete}"] if part.on_delete != "NO ACTION" else []
    words += [f"({', '.join(map(quote_name, part.set_columns))})"] if part.set_columns else []
    words += ["DEFERRABLE"] if part.deferrable else []
    words += ["INITIALLY DEFERRED"] if part.initially_deferred else []
    return " ".join(words)


def deferral(part: PrimaryKey | Unique | ForeignKey) -> dict[str, Any]:
    """`deferrable` and `initially` where they are not the default."""
    options: dict[str, Any] = {"deferrable": True} if part.deferrable else {}
    if part.initially_deferred:
        options["initially"] = "DEFERRED"
    return options


def build_index_keys(index: Index) -> list[Any]:
    """Column names, and expressions for what is more than a column."""
    return [_build_key(key, index.method) for key in index.keys]


def index_options(index: Index) -> dict[str, Any]:
    """Keyword arguments of an index, only what is not the default."""
    options: dict[str, Any] = {}
    if index.method != "btree":
        options["postgresql_using"] = index.method
    if index.include:
        options["postgresql_include"] = list(index.include)
    if index.predicate:
        options["postgresql_where"] = sql_expression(index.predicate)
    if not index.nulls_distinct:
        options["postgresql_nulls_not_distinct"] = True
    ops = {key.column: key.opclass for key in index.keys if key.column and key.opclass and _is_bare(key, index.method)}
    if ops:
        options["postgresql_ops"] = ops
    return options


def can_be_directive(index: Index) -> bool:
    """Whether `op.create_index` can say it: no storage parameters, no parameters of an operator class."""
    tail = index.definition.partition(" USING ")[2]
    tail = tail.partition(" WHERE ")[0]
    return " WITH (" not in tail and not re.search(r"_ops \(", tail) and "TABLESPACE" not in tail


def is_plain_serial(column: Column, table: Table, schema: Schema) -> bool:
    """Whether `sa.Column("id", sa.Integer(), primary_key)` alone makes this column and its sequence."""
    if column.type not in _INTEGERS or table.primary_key is None or table.primary_key.columns != (column.name,):
        return False
    if any(column.name in key.columns for key in table.foreign_keys):
        return False
    owned = [item for item in schema.sequences if item.owned_by == (table.schema, table.name, column.name)]
    if len(owned) != 1 or owned[0].name != f"{table.name}_{column.name}_seq" or owned[0].schema != table.schema:
        return False
    item = owned[0]
    limits: Mapping[str, int] = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
    usual = (item.start, item.minimum, item.increment, item.cycle, item.cache) == (1, 1, 1, False, 1)
    same = item.type == column.type and item.maximum == limits[column.type] and item.comment is None
    named = quote_name(item.name) if item.schema == "public" else f"{quote_name(item.schema)}.{quote_name(item.name)}"
    return usual and same and column.default == f"nextval('{named}'::regclass)"


def namespace(schema: str) -> str | None:
    """The `schema` argument: none for `public`."""
    return None if schema == "public" else schema


def _name(name: str | None) -> Any:
    return final_name(name) if name is not None else None


def _is_bare(key: IndexKey, method: str) -> bool:
    return key.column is not None and not key.collation and not _order(key, method)


def _build_key(key: IndexKey, method: str) -> Any:
    if _is_bare(key, method):
        return key.column
    text = quote_name(key.column) if key.column is not None else simplify_expression(key.expression or "")
    if key.collation:
        text += f' COLLATE "{key.collation}"'
    if key.opclass:
        text += f" {key.opclass}"
    return sa.literal_column(text + _order(key, method))


def _order(key: IndexKey, method: str) -> str:
    if method != "btree":
        return ""
    if key.descending:
        return " DESC" if key.nulls_first else " DESC NULLS LAST"
    return " NULLS FIRST" if key.nulls_first else ""
