"""The catalog of Postgres 14 to 18, read in a constant number of queries.

https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.schema.model import Domain, Enum, Function, Other, Schema, Sequence, Table, View
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
        found = {name: _read(connection, query) for name, query in get_queries(int(major)).items()}
    parts = Parts(found)
    return Schema(
        dialect="postgresql",
        schemas=tuple(sorted(row["name"] for row in found["schemas"])),
        extensions=tuple(sorted((row["name"], row["version"]) for row in found["extensions"])),
        domains=_sorted(_read_domains(found["domains"])),
        enums=_sorted(Enum(row["schema"], row["name"], tuple(row["values"]), row["comment"]) for row in found["enums"]),
        sequences=_sorted(_read_sequences(found)),
        tables=_sorted(_read_table(row, parts) for row in found["tables"] if row["name"] not in exclude),
        views=_sorted(_read_view(row, parts) for row in found["views"]),
        functions=_sorted(
            Function(row["schema"], row["name"], row["definition"], row["comment"]) for row in found["functions"]
        ),
        others=tuple(sorted((_read_other(row) for row in found["others"]), key=_rank_other)),
    )


@contextmanager
def _fixed_settings(connection: sa.Connection) -> Iterator[None]:
    """Settings of the session that the catalog's functions heed, put back afterwards."""
    query = (
        "SELECT name, set_config(name, new, false) FROM (SELECT unnest(%s::text[]), unnest(%s::text[])) s (name, new)"
    )
    names = list(SETTINGS)
    current = connection.exec_driver_sql("SELECT current_setting(n) FROM unnest(%s::text[]) n", (names,)).scalars()
    before = list(current)
    connection.exec_driver_sql(query, (names, list(SETTINGS.values())))
    yield
    # After an error there is nothing to put back: the transaction, and with it the settings, is rolled back.
    connection.exec_driver_sql(query, (names, before))


def _read(connection: sa.Connection, query: str) -> list[Row]:
    result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value.schema, value.name)))


def _read_table(row: Row, parts: Parts) -> Table:
    oid = row["oid"]
    return Table(
        schema=row["schema"],
        name=row["name"],
        columns=parts.list_columns(oid),
        primary_key=parts.find_primary_key(oid),
        uniques=parts.list_uniques(oid),
        foreign_keys=parts.list_foreign_keys(oid),
        checks=parts.list_checks(oid),
        exclusions=parts.list_exclusions(oid),
        indexes=parts.list_indexes(oid),
        triggers=parts.list_triggers(oid),
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
        indexes=parts.list_indexes(row["oid"]),
        comment=row["comment"],
        triggers=parts.list_triggers(row["oid"]),
        options=tuple(sorted(row["options"])),
    )


def _read_sequences(found: Mapping[str, list[Row]]) -> Iterator[Sequence]:
    tables = {row["oid"]: (row["schema"], row["name"]) for row in found["tables"]}
    columns = {(row["owner"], row["number"]): row["name"] for row in found["columns"]}
    for row in found["sequences"]:
        if row["dependence"] == "i":
            continue
        owner = tables.get(row["owner"])
        yield Sequence(
            schema=row["schema"],
            name=row["name"],
            type=row["type"],
            start=row["start"],
            minimum=row["minimum"],
            maximum=row["maximum"],
            increment=row["increment"],
            cycle=row["cycle"],
            cache=row["cache"],
            owned_by=(*owner, columns[row["owner"], row["number"]]) if owner else None,
            comment=row["comment"],
        )


def _read_domains(rows: Iterable[Row]) -> Iterator[Domain]:
    for row in rows:
        yield Domain(
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
