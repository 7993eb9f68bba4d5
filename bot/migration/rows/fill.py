"""Fill tables with rows that are valid under every constraint, the server being the judge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.migration.rows.order import Group, Name, find_dependencies, group_tables, parent_of
from bot.migration.rows.server import Key, Refusal, count_rows, explain, is_postgres, read_keys, update_row
from bot.migration.rows.table import Cycle, Filled, TableFiller
from bot.schema.model import ForeignKey, Schema, Table

PROMISED_KEYS = 4
STATEMENT_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Filling:
    """`rows` counts what each table holds now; `unfilled` are wanted or needed tables without any, and why."""

    rows: Mapping[Name, int]
    unfilled: tuple[tuple[Name, str], ...]


def fill(connection: sa.Connection, schema: Schema, tables: Collection[Name], seed: int = 0) -> Filling:
    """Insert about ten rows into each of `tables`, (schema, name), and into what their foreign keys lead to.

    `schema` is the snapshot of the connected database; the same seed gives the same rows. Rows are ordinary, sparse
    (nulls and defaults) and awkward (empty, longest, extreme, Unicode). A table that is only led to and has rows
    already is left as it is. The caller commits. Deferred constraints are checked before this returns.
    """
    if is_postgres(connection):
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # each row is judged while it can be left out
    reasons: dict[Name, str] = {}
    needed = find_dependencies(schema, tables)
    for group in group_tables(needed):
        if group.stuck:
            reasons.update((_name(table), group.stuck) for table in group.tables)
        elif any(_name(table) in tables or count_rows(connection, table) == 0 for table in group.tables):
            reasons.update(_fill_group(connection, schema, group, seed))
    if is_postgres(connection):
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    rows = {_name(table): count_rows(connection, table) for table in needed}
    unfilled = tuple((name, reasons.get(name, "no reason known")) for name, count in rows.items() if count == 0)
    return Filling(rows, unfilled)


def _name(table: Table) -> Name:
    return table.schema, table.name


def _fill_group(connection: sa.Connection, schema: Schema, group: Group, seed: int) -> Mapping[Name, str]:
    """Fill the tables of a group, all or none when keys were promised. Returns why tables stayed empty."""
    savepoint = connection.begin_nested()
    if group.promised:
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    promised = _promise(connection, schema, group, seed)
    reasons: dict[Name, str] = {}
    filled: dict[Name, Filled] = {}
    for table in group.tables:
        late = frozenset(key for name, key in group.late if name == _name(table))
        filler = TableFiller(connection, schema, table, seed, Cycle(late, promised))
        filled[_name(table)] = result = filler.fill()
        if result.reason:
            reasons[_name(table)] = result.reason
    _set_late_keys(connection, schema, group, filled)
    refusal = _check_promises(connection, group)
    if refusal is None:
        savepoint.commit()
        return reasons
    savepoint.rollback()
    return {_name(table): reasons.get(_name(table), refusal.message) for table in group.tables}


def _promise(
    connection: sa.Connection, schema: Schema, group: Group, seed: int
) -> Mapping[tuple[Name, tuple[str, ...]], list[Key]]:
    promised = {}
    tables = {_name(table): table for table in group.tables}
    for _, key in group.promised:
        parent = parent_of(key)
        filler = TableFiller(connection, schema, tables[parent], seed)
        promised[parent, key.referred_columns] = filler.make_keys(key.referred_columns, PROMISED_KEYS)
    return promised


def _set_late_keys(connection: sa.Connection, schema: Schema, group: Group, filled: Mapping[Name, Filled]) -> None:
    """Point every other row's nullable keys to rows of the cycle, where the table's other rules allow it."""
    for table in group.tables:
        keys = [key for name, key in group.late if name == _name(table)]
        for key in sorted(keys, key=lambda key: key.name or ""):
            _set_late_key(connection, schema, table, key, filled[_name(table)])


def _set_late_key(connection: sa.Connection, schema: Schema, table: Table, key: ForeignKey, filled: Filled) -> None:
    name = parent_of(key)
    parent = schema.find_table(name[1], name[0])
    parents = [] if parent is None else read_keys(connection, parent, key.referred_columns)
    for number, place in enumerate(filled.places):
        if number % 2 == 0 and parents:
            values = dict(zip(key.columns, parents[number // 2 % len(parents)], strict=True))
            result = update_row(connection, table, place, values)
            if isinstance(result, str):
                filled.places[number] = result


def _check_promises(connection: sa.Connection, group: Group) -> Refusal | None:
    if not group.promised:
        return None
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    except DBAPIError as error:
        return explain(error, group.tables[0])
    return None
