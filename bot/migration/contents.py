"""What stands in a table before and after, compared value by value without keeping the values."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from bot.migration.rows.server import is_postgres, quote, quote_table
from bot.schema.model import Schema, Table
from bot.schema.part_words import render_name

DETAIL_ROWS = 20_000
Name = tuple[str, str]
Digests = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """Values of a column, or whole rows (`column` is None), that were there before and are not after.

    `rows` counts the rows concerned. `is_stated` tells that the schema change itself says so (the column or table is
    dropped or altered by it), as against a migration that loses what nobody asked it to.
    """

    table: str
    column: str | None
    rows: int
    is_stated: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """One table's values as digests, one tuple a row in the order of `columns`, for at most `DETAIL_ROWS` rows.

    A longer table has `sums` instead: for each column a sum of digests that does not depend on the order.
    `key` holds the positions of the primary key's columns, empty when there is none.
    """

    columns: tuple[str, ...]
    key: tuple[int, ...]
    count: int
    rows: tuple[Digests, ...] = ()
    sums: Digests = ()


def read_contents(connection: sa.Connection, tables: Collection[Table]) -> Mapping[Name, Contents]:
    """The contents of each table. Two servers, or two settings of one, may give different digests."""
    if is_postgres(connection):
        for setting in ("TimeZone = 'UTC'", "DateStyle = 'ISO'", "IntervalStyle = 'postgres'", "bytea_output = 'hex'"):
            connection.exec_driver_sql(f"SET LOCAL {setting}")
    return {(table.schema, table.name): _read(connection, table) for table in tables}


def find_losses(before: Mapping[Name, Contents], after: Mapping[Name, Contents]) -> tuple[Loss, ...]:
    """Every value and row of `before` that is not in `after`; what is only in `after` is no loss."""
    return tuple(loss for name, old in before.items() for loss in _compare(render_name(*name), old, after.get(name)))


def select_known(schema: Schema, before: Mapping[Name, Contents]) -> tuple[Table, ...]:
    """The tables of a later schema that `before` knows."""
    return tuple(table for table in schema.tables if (table.schema, table.name) in before)


def _read(connection: sa.Connection, table: Table) -> Contents:
    columns = tuple(column.name for column in table.columns)
    key_columns = table.primary_key.columns if table.primary_key else ()
    key = tuple(columns.index(name) for name in key_columns)
    source = quote_table(table)
    count = int(connection.exec_driver_sql(f"SELECT count(*) FROM {source}").scalar_one())  # noqa: S608
    if not columns or count == 0:
        return Contents(columns, key, count)
    if not is_postgres(connection):
        texts = ", ".join(f"quote({quote(name)})" for name in columns)
        found = connection.exec_driver_sql(f"SELECT {texts} FROM {source}")  # noqa: S608
        return Contents(columns, key, count, tuple(tuple(map(_digest, row)) for row in found))
    digests = [_digest_expression(column.name, column.type) for column in table.columns]
    if count <= DETAIL_ROWS:
        found = connection.exec_driver_sql(f"SELECT {', '.join(digests)} FROM {source}")  # noqa: S608
        return Contents(columns, key, count, tuple(tuple(row) for row in found))
    numbers = (f"sum(('x' || left(coalesce({text}, ''), 15))::bit(60)::bigint)::text" for text in digests)
    found = connection.exec_driver_sql(f"SELECT {', '.join(numbers)} FROM {source}")  # noqa: S608
    return Contents(columns, key, count, sums=tuple(found.one()))


def _digest_expression(name: str, type_: str) -> str:
    """json is compared by its content: its spaces and the order of its keys are not kept by a way through jsonb."""
    text = f"{quote(name)}::jsonb::text" if type_ == "json" else f"{quote(name)}::text"
    return f"md5({text})"


def _digest(text: str) -> str | None:
    return None if text == "NULL" else hashlib.sha256(text.encode()).hexdigest()


def _compare(table: str, old: Contents, new: Contents | None) -> Iterator[Loss]:
    if new is None or (new.count == 0 and old.count > 0):
        if old.count:
            yield Loss(table, None, old.count)
        return
    if old.sums or new.sums:
        yield from _compare_sums(table, old, new)
    elif old.key and _key_names(old) == _key_names(new):
        yield from _compare_by_key(table, old, new)
    else:
        yield from _compare_without_key(table, old, new)


def _key_names(contents: Contents) -> tuple[str, ...]:
    return tuple(contents.columns[position] for position in contents.key)


def _positions(old: Contents, new: Contents) -> Iterator[tuple[str, int, int | None]]:
    for position, name in enumerate(old.columns):
        yield name, position, new.columns.index(name) if name in new.columns else None


def _compare_by_key(table: str, old: Contents, new: Contents) -> Iterator[Loss]:
    olds = {tuple(row[position] for position in old.key): row for row in old.rows}
    news = {tuple(row[position] for position in new.key): row for row in new.rows}
    common = olds.keys() & news.keys()
    if len(common) < len(olds):
        yield Loss(table, None, len(olds) - len(common))
    for name, here, there in _positions(old, new):
        changed = sum(there is None or olds[key][here] != news[key][there] for key in common)
        if changed:
            yield Loss(table, name, changed)


def _compare_without_key(table: str, old: Contents, new: Contents) -> Iterator[Loss]:
    """As multisets: first column by column, and whole rows when the columns' values are all there but not together."""
    found = False
    if new.count < old.count:
        yield Loss(table, None, old.count - new.count)
        return
    for name, here, there in _positions(old, new):
        news = Counter() if there is None else Counter(row[there] for row in new.rows)
        missing = (Counter(row[here] for row in old.rows) - news).total()
        if missing:
            found = True
            yield Loss(table, name, missing)
    if not found and set(old.columns) <= set(new.columns):
        order = [new.columns.index(name) for name in old.columns]
        rows = Counter(tuple(row[position] for position in order) for row in new.rows)
        mixed = (Counter(old.rows) - rows).total()
        if mixed:
            yield Loss(table, None, mixed)


def _compare_sums(table: str, old: Contents, new: Contents) -> Iterator[Loss]:
    """Too many rows to tell which ones: a column that differs counts with all of them."""
    if new.count < old.count:
        yield Loss(table, None, old.count - new.count)
        return
    for name, here, there in _positions(old, new):
        if there is None or not new.sums or not old.sums or old.sums[here] != new.sums[there]:
            yield Loss(table, name, old.count)
