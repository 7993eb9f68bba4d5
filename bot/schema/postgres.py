"""The catalog of Postgres 14 to 18, read in a constant number of queries.

https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from bot.schema.model import (
    Check,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Function,
    Other,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
    View,
)
from bot.schema.postgres_parts import Parts, Row, strip_parentheses
from bot.schema.postgres_queries import get_queries

# What the server's spelling depends on, as pg_dump sets it; but names of `public` are written without it. Compiling
# queries that run once costs more than it gains.
SETTINGS = {
    "search_path": "public",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
    "jit": "off",
}
NEWEST = 18


def snapshot_postgres(connection: sa.Connection, exclude: Collection[str]) -> Schema:
    """Everything in every namespace that is not the system's, without what an extension owns."""
    major, *_ = connection.dialect.server_version_info or (NEWEST,)
    with _fixed_settings(connection):
        reader = _Reader(connection, get_queries(int(major)))
        sequences = reader.read("sequences")
        parts = _read_parts(reader, sequences)
        return Schema(
            dialect="postgresql",
            schemas=tuple(sorted(row["name"] for row in reader.read("schemas"))),
            extensions=tuple(sorted((row["name"], row["version"]) for row in reader.read("extensions"))),
            domains=_sorted(_read_domain(row) for row in reader.read("domains")),
            enums=_sorted(_read_enum(row) for row in reader.read("enums")),
            sequences=_sorted(_read_sequence(row, parts) for row in sequences if row["dependence"] != "i"),
            tables=_sorted(_read_table(row, parts) for row in reader.read("tables") if row["name"] not in exclude),
            views=_sorted(_read_view(row, parts) for row in reader.read("views")),
            functions=_sorted(_read_function(row) for row in reader.read("functions")),
            others=tuple(sorted((_read_other(row) for row in reader.read("others")), key=_rank_other)),
        )


class _Reader:
    """Asks the queries."""

    def __init__(self, connection: sa.Connection, queries: Mapping[str, str]) -> None:
        self.connection, self.queries = connection, queries

    def read(self, name: str) -> list[Row]:
        """The rows by the names of their columns."""
        result = self._ask(name)
        names = tuple(result.keys())
        return [dict(zip(names, row, strict=True)) for row in result.all()]

    def read_tuples(self, name: str) -> list[tuple[Any, ...]]:
        """The rows as the database driver gives them, for the catalogs with very many."""
        result = self._ask(name)
        rows = result.cursor.fetchall() if result.cursor is not None else ()
        result.close()
        return list(rows)

    def _ask(self, name: str) -> sa.CursorResult[Any]:
        return self.connection.exec_driver_sql(self.queries[name], execution_options={"no_parameters": True})


def _read_parts(reader: _Reader, sequences: Iterable[Row]) -> Parts:
    identities = {(row["owner"], row["number"]): row for row in sequences if row["dependence"] == "i"}
    parts = Parts(identities, *(dict(reader.read_tuples(name)) for name in ("operator_classes", "collations")))
    parts.add_columns(reader.read_tuples("columns"), frozenset(reader.read_tuples("unvalidated")))
    parts.add_keys(reader.read_tuples("keys"))
    parts.add_foreign_keys(reader.read_tuples("foreign_keys"))
    parts.add_checks(reader.read_tuples("checks"))
    parts.add_indexes(reader.read_tuples("indexes"))
    parts.add_triggers(reader.read_tuples("triggers"))
    return parts


@contextmanager
def _fixed_settings(connection: sa.Connection) -> Iterator[None]:
    """Settings of the session that the catalog's functions heed, put back afterwards."""
    names = list(SETTINGS)
    current = connection.exec_driver_sql("SELECT current_setting(n) FROM unnest(%s::text[]) n", (names,)).scalars()
    before = list(current)
    _set(connection, names, list(SETTINGS.values()))
    try:
        yield
    except BaseException:
        # In a transaction this fails too, but then the settings are rolled back with it.
        with suppress(sa.exc.DBAPIError):
            _set(connection, names, before)
        raise
    _set(connection, names, before)


def _set(connection: sa.Connection, names: list[str], values: list[str]) -> None:
    query = "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) s (name, value)"
    connection.exec_driver_sql(query, (names, values)).all()


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value.schema, value.name)))


def _read_table(row: Row, parts: Parts) -> Table:
    oid = row["oid"]
    constraints: dict[type, list[Any]] = {}
    for constraint in parts.constraints[oid]:
        constraints.setdefault(type(constraint), []).append(constraint)
    return Table(
        schema=row["schema"],
        name=row["name"],
        columns=tuple(parts.columns[oid]),
        primary_key=next(iter(constraints.get(PrimaryKey, ())), None),
        uniques=tuple(constraints.get(Unique, ())),
        foreign_keys=tuple(constraints.get(ForeignKey, ())),
        checks=tuple(constraints.get(Check, ())),
        exclusions=tuple(constraints.get(Exclusion, ())),
        indexes=tuple(parts.indexes[oid]),
        triggers=tuple(parts.triggers[oid]),
        comment=row["comment"],
        partition=row["partition"],
        parents=tuple((schema, name) for schema, name in row["parents"]),
        options=tuple(sorted(row["options"])),
    )


def _read_view(row: Row, parts: Parts) -> View:
    return View(
        schema=row["schema"],
        name=row["name"],
        definition=row["definition"],
        materialized=row["materialized"],
        indexes=tuple(parts.indexes[row["oid"]]),
        comment=row["comment"],
        triggers=tuple(parts.triggers[row["oid"]]),
        options=tuple(sorted(row["options"])),
    )


def _read_sequence(row: Row, parts: Parts) -> Sequence:
    column = parts.names[row["owner"]].get(row["number"]) if row["owner"] else None
    return Sequence(
        schema=row["schema"],
        name=row["name"],
        type=row["type"],
        start=row["start"],
        minimum=row["minimum"],
        maximum=row["maximum"],
        increment=row["increment"],
        cycle=row["cycle"],
        cache=row["cache"],
        owned_by=None if column is None else (row["owner_schema"], row["owner_name"], column),
        comment=row["comment"],
    )


def _read_enum(row: Row) -> Enum:
    return Enum(row["schema"], row["name"], tuple(row["values"]), row["comment"])


def _read_function(row: Row) -> Function:
    return Function(row["schema"], row["name"], row["definition"], row["comment"])


def _read_domain(row: Row) -> Domain:
    return Domain(
        schema=row["schema"],
        name=row["name"],
        type=row["type"],
        nullable=not row["not_null"],
        default=row["default"],
        checks=tuple((name, strip_parentheses(expression)) for name, expression in row["checks"]),
        comment=row["comment"],
        collation=row["collation"],
        unvalidated=tuple(row["unvalidated"]),
    )


def _read_other(row: Row) -> Other:
    return Other(row["schema"], row["name"], row["kind"], row["definition"], row["table"], row["comment"])


def _rank_other(item: Other) -> tuple[str, str, str, str]:
    return item.schema, item.name, item.kind, item.table or ""
