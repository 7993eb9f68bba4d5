"""The few things that are asked of the server while rows are made: is it valid, does it fit, which keys are there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from bot.migration.rows.hints import find_names
from bot.schema.model import Table

KEYS_LIMIT = 200
_VALID = "SELECT value FROM unnest(%s::text[]) AS given(value) WHERE pg_input_is_valid(value, %s)"
Key = tuple[str, ...]
Row = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server did not take a row. `columns` are those that the broken rule is about, None when unknown."""

    kind: str
    message: str
    columns: frozenset[str] | None = None


def quote(name: str) -> str:
    """An identifier in double quotes, with `%` doubled for the database driver."""
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def quote_table(table: Table) -> str:
    """The table's qualified name, quoted."""
    return f"{quote(table.schema)}.{quote(table.name)}"


def is_postgres(connection: sa.Connection) -> bool:
    """Whether the server is Postgres (else it is SQLite)."""
    return connection.dialect.name == "postgresql"


def count_rows(connection: sa.Connection, table: Table) -> int:
    """How many rows the table has."""
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {quote_table(table)}").scalar_one())  # noqa: S608


def read_keys(connection: sa.Connection, table: Table, columns: Sequence[str]) -> list[Key]:
    """Values of these columns, as text, of rows where none is null; at most `KEYS_LIMIT`."""
    texts = ", ".join(f"CAST({quote(column)} AS text)" for column in columns)
    present = " AND ".join(f"{quote(column)} IS NOT NULL" for column in columns)
    query = f"SELECT DISTINCT {texts} FROM {quote_table(table)} WHERE {present} ORDER BY {texts} LIMIT {KEYS_LIMIT}"  # noqa: S608
    return [tuple(str(value) for value in row) for row in connection.exec_driver_sql(query)]


def find_valid(connection: sa.Connection, type_: str, values: Sequence[str]) -> frozenset[str]:
    """Of the values those that the type can read (Postgres 16 and later; elsewhere all, the insert will tell)."""
    if not is_postgres(connection) or (connection.dialect.server_version_info or (0,)) < (16,):
        return frozenset(values)
    try:
        with connection.begin_nested():
            return frozenset(connection.exec_driver_sql(_VALID, (list(values), type_)).scalars())
    except DBAPIError:  # a type whose reader raises (xml on a server without libxml, some extensions')
        return frozenset(values)


def insert_row(connection: sa.Connection, table: Table, row: Row) -> str | Refusal:
    """Insert a row; what is not in `row` takes its default. Returns where the row is (ctid or rowid), or a refusal."""
    names = ", ".join(quote(name) for name in row)
    postgres = is_postgres(connection)
    marks = ", ".join(["%s" if postgres else "?"] * len(row))
    overriding = " OVERRIDING SYSTEM VALUE" if postgres else ""
    values = f"({names}){overriding} VALUES ({marks})" if row else "DEFAULT VALUES"
    place = "ctid::text" if postgres else "rowid"
    # What is computed when it is read must be readable.
    virtual = "".join(f", {quote(column.name)}" for column in table.columns if column.virtual)
    query = f"INSERT INTO {quote_table(table)} {values} RETURNING {place}{virtual}"
    return _try(connection, table, query, tuple(row.values()))


def update_row(connection: sa.Connection, table: Table, place: str, row: Mapping[str, str]) -> str | Refusal:
    """Set columns of the row at `place`. Returns where it is now, or a refusal."""
    postgres = is_postgres(connection)
    mark = "%s" if postgres else "?"
    sets = ", ".join(f"{quote(name)} = {mark}" for name in row)
    where = f"ctid = {mark}::tid RETURNING ctid::text" if postgres else f"rowid = {mark} RETURNING rowid"
    query = f"UPDATE {quote_table(table)} SET {sets} WHERE {where}"  # noqa: S608
    return _try(connection, table, query, (*row.values(), place))


def _try(connection: sa.Connection, table: Table, query: str, values: tuple[str | None, ...]) -> str | Refusal:
    try:
        with connection.begin_nested():
            place = connection.exec_driver_sql(query, values).scalar()
    except DBAPIError as error:
        return explain(error, table)
    return Refusal("trigger", "a trigger or rule took the row away") if place is None else str(place)


def explain(error: DBAPIError, table: Table) -> Refusal:
    """The server's error as a refusal, with the columns of the rule that it names."""
    original = error.orig
    message = str(original).strip().splitlines()[0] if str(original).strip() else type(original).__name__
    state = getattr(original, "sqlstate", None)
    if state is None:
        return _explain_sqlite(message, table)
    diagnosis = original.diag  # type: ignore[union-attr]  # psycopg's errors carry one
    name = diagnosis.constraint_name
    if state == "23502":
        return Refusal("not_null", message, frozenset({diagnosis.column_name}) - {None})
    if state == "23514" and name is None:
        return Refusal("partition", message)
    if diagnosis.datatype_name:
        columns = frozenset(c.name for c in table.columns if diagnosis.datatype_name in c.type)
        return Refusal("domain", message, columns or None)
    kinds = {"23514": "check", "23505": "unique", "23P01": "exclusion", "23503": "foreign_key"}
    return Refusal(kinds.get(state, "other"), message, find_columns(table, name) if name else None)


def find_columns(table: Table, constraint: str) -> frozenset[str] | None:
    """The columns that a constraint or unique index is about, by its name."""
    own = {column.name for column in table.columns}
    for rule in (*table.uniques, *table.foreign_keys, *((table.primary_key,) if table.primary_key else ())):
        if rule.name == constraint:
            return frozenset(rule.columns)
    texts = {check.name: check.expression for check in table.checks}
    texts |= {exclusion.name: exclusion.definition for exclusion in table.exclusions}
    texts |= {index.name: index.definition for index in table.indexes}
    text = texts.get(constraint)
    return None if text is None else frozenset(find_names(text) & own) or None


def _explain_sqlite(message: str, table: Table) -> Refusal:
    """SQLite names the columns ("UNIQUE constraint failed: t.a, t.b") or the check (by name or expression)."""
    kind, _, subject = message.partition(" constraint failed: ")
    if kind in ("UNIQUE", "NOT NULL"):
        names = frozenset(part.rpartition(".")[2] for part in subject.split(", "))
        return Refusal("unique" if kind == "UNIQUE" else "not_null", message, names)
    if kind == "CHECK":
        own = {column.name for column in table.columns}
        columns = find_columns(table, subject) or frozenset(find_names(subject) & own) or None
        return Refusal("check", message, columns)
    return Refusal("foreign_key" if re.match("FOREIGN KEY", message) else "other", message)
