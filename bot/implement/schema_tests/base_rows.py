"""A valid row of each table that the tests need: which values it is given, and which it takes from rows of others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.implement.schema_tests.candidates import avoid, is_possible, solve, unset
from bot.migration.python_layout import quote_string
from bot.migration.rows.values import resolve_type
from bot.schema.model import Column, ForeignKey, Index, Schema, Table

Key = tuple[str, str]
_VARIED_NUMBERS = {"smallint", "integer", "bigint", "numeric", "real", "double precision"}


class NoValidRow(Exception):
    """A valid row cannot be written down: the message says why."""


@dataclass(frozen=True, slots=True)
class BaseRow:
    """`values` maps a column to the source of its value, `parents` a foreign key to the table whose row it needs.

    `plain` are the values themselves, for the search of others that break a check. A row that is not repeatable can be
    there once only, because the values of a unique key cannot be told apart.
    """

    table: Table
    values: Mapping[str, str]
    parents: tuple[ForeignKey, ...]
    plain: Mapping[str, Any]
    is_repeatable: bool = True


def plan_rows(schema: Schema, wanted: Iterable[Key]) -> dict[Key, BaseRow]:
    """The rows of the wanted tables and of all that they refer to, those referred to first."""
    planned: dict[Key, BaseRow] = {}
    for key in wanted:
        _plan(schema, key, planned, ())
    return planned


def _plan(schema: Schema, key: Key, planned: dict[Key, BaseRow], above: tuple[Key, ...]) -> None:
    if key in planned:
        return
    table = schema.find_table(key[1], key[0])
    if table is None:
        raise NoValidRow(f"`{key[1]}` is not there")
    row = plan_row(schema, table)
    for parent in row.parents:
        target = (parent.referred_schema, parent.referred_table)
        if target in (*above, key):
            raise NoValidRow(f"`{table.name}` needs a row of `{parent.referred_table}`, which needs one of it")
        _plan(schema, target, planned, (*above, key))
    planned[key] = row


def plan_row(schema: Schema, table: Table) -> BaseRow:
    """The row of one table: what is required and has no default, nothing else."""
    required = [column for column in table.columns if is_required(column)]
    parents = tuple(key for key in table.foreign_keys if any(column.name in key.columns for column in required))
    from_parents = {name for key in parents for name in key.columns}
    plain = solve(schema, table, [column for column in required if column.name not in from_parents])
    varied = _varied(table)
    apart = varied | from_parents
    for index in table.indexes:
        if index.predicate and index.unique and not _tells_apart(table, index_columns(table, index), apart):
            plain |= avoid(schema, table, index.predicate, plain) or {}
    values = {
        name: render_value(schema, _get(table, name), value, is_varied=name in varied) for name, value in plain.items()
    }
    return BaseRow(table, values, parents, plain, _is_repeatable(table, plain, apart))


def is_required(column: Column) -> bool:
    """Whether an INSERT must name the column."""
    return not column.nullable and column.default is None and column.identity is None and column.generated is None


def _get(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.name == name)


def index_columns(table: Table, index: Index) -> tuple[str, ...]:
    """The columns that stand in the keys of an index, in expressions too."""
    text = " ".join(key.column or key.expression or "" for key in index.keys)
    return tuple(column.name for column in table.columns if re.search(rf"\b{re.escape(column.name)}\b", text))


def _is_repeatable(table: Table, plain: Mapping[str, Any], apart: set[str]) -> bool:
    keys = [unique.columns for unique in table.uniques]
    keys += [table.primary_key.columns] if table.primary_key else []
    row = {column.name: unset(column) for column in table.columns} | dict(plain)
    for index in table.indexes:
        if index.unique and (index.predicate is None or is_possible(index.predicate, row)):
            keys.append(index_columns(table, index))
    return all(_tells_apart(table, columns, apart) for columns in keys)


def _tells_apart(table: Table, columns: Iterable[str], apart: set[str]) -> bool:
    """Whether two rows always differ in these columns: one is varied, made by the database, or left null."""
    for column in (_get(table, name) for name in columns):
        is_made = column.identity is not None or "nextval" in (column.default or "") or "uuid" in (column.default or "")
        is_null = column.nullable and column.default is None
        if column.name in apart or is_made or is_null:
            return True
    return False


def _varied(table: Table) -> set[str]:
    """Columns of a unique key: one of each is enough to tell rows apart."""
    keys = [unique.columns for unique in table.uniques]
    keys += [table.primary_key.columns] if table.primary_key else []
    varied = {name for columns in keys for name in columns}
    for index in table.indexes:
        if index.unique:
            text = " ".join(key.column or key.expression or "" for key in index.keys)
            varied |= set(re.findall(r"\w+", text))
    checked = " ".join(check.expression for check in table.checks)
    return {name for name in varied if not re.search(rf"\b{re.escape(name)}\b", checked)}


def render_value(schema: Schema, column: Column, value: Any, *, is_varied: bool = False) -> str:
    """The source of a value; a varied one holds the running number of the row."""
    type_ = resolve_type(schema, column.type)
    if is_varied and not type_.is_array:
        if type_.name in _VARIED_NUMBERS:
            return "number"
        if type_.name in {"text", "character varying", "citext"}:
            limit = type_.modifiers[0] if type_.modifiers else 100
            return f'f"{_prefix(column.name, limit)}{{number}}{_suffix(column.name, limit)}"'
        if type_.name == "uuid":
            return "str(UUID(int=number))"
    return render_plain(value)


def _prefix(name: str, limit: int) -> str:
    word = re.sub(r"[^a-z0-9]+", "-", name.lower())
    return f"{word}-" if limit >= len(word) + 20 else ""


def _suffix(name: str, limit: int) -> str:
    return "@example.com" if "mail" in name.lower() and limit > 40 else ""


def render_plain(value: Any) -> str:
    """The source of a value that is the same each time; what is neither number nor truth value is given as text."""
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() and abs(value) < 10**18 else f'"{value}"'
    if isinstance(value, (date, datetime)):
        return f'"{value.isoformat()}"'
    return quote_string(value) if isinstance(value, str) else repr(value)
