"""The catalog of Postgres 14 to 18, read in a constant number of queries.

https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from bot.schema.model import (
    Check,
    Column,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Function,
    Index,
    IndexKey,
    Other,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Trigger,
    Unique,
    View,
)
from bot.schema.postgres_queries import get_queries

Row = Mapping[str, Any]
REFERENTIAL = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
MATCH = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
IDENTITY = {"a": "always", "d": "by default"}
# What the server's spelling depends on, as pg_dump sets it; but names of `public` are written without it.
SETTINGS = {
    "search_path": "public",
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
}
NEWEST = 18
LIMITS = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def snapshot_postgres(connection: sa.Connection, exclude: Collection[str]) -> Schema:
    """Everything in every namespace that is not the system's, without what an extension owns."""
    major, *_ = connection.dialect.server_version_info or (NEWEST,)
    with _fixed_settings(connection):
        found = {name: _read(connection, query) for name, query in get_queries(int(major)).items()}
    parts = _Parts(found)
    return Schema(
        dialect="postgresql",
        schemas=tuple(sorted(row["name"] for row in found["schemas"])),
        extensions=tuple(sorted((row["name"], row["version"]) for row in found["extensions"])),
        domains=_sorted(_read_domains(found)),
        enums=_sorted(Enum(row["schema"], row["name"], tuple(row["values"]), row["comment"]) for row in found["enums"]),
        sequences=_sorted(_read_sequence(row) for row in found["sequences"]),
        tables=_sorted(_read_table(row, parts) for row in found["tables"] if row["name"] not in exclude),
        views=_sorted(_read_view(row, parts) for row in found["views"]),
        functions=_sorted(
            Function(row["schema"], row["name"], row["definition"], row["comment"]) for row in found["functions"]
        ),
        others=tuple(sorted((_read_other(row) for row in found["others"]), key=_rank_other)),
    )


class _Parts:
    """The parts of tables by the owner's oid."""

    def __init__(self, found: Mapping[str, list[Row]]) -> None:
        self.columns = _group(found["columns"])
        self.constraints = _group(found["constraints"])
        self.indexes = _group(found["indexes"])
        self.triggers = _group(found["triggers"])


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
    found = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
    return [dict(row) for row in found.mappings()]


def _group(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["owner"]].append(row)
    return grouped


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value.schema, value.name)))


def _read_table(row: Row, parts: _Parts) -> Table:
    constraints = parts.constraints.get(row["oid"], [])
    return Table(
        schema=row["schema"],
        name=row["name"],
        columns=tuple(_read_column(column) for column in parts.columns.get(row["oid"], [])),
        primary_key=next((_read_primary_key(c) for c in constraints if c["type"] == "p"), None),
        uniques=tuple(_read_unique(c) for c in constraints if c["type"] == "u"),
        foreign_keys=tuple(_read_foreign_key(c) for c in constraints if c["type"] == "f"),
        checks=tuple(_read_check(c) for c in constraints if c["type"] == "c"),
        exclusions=tuple(Exclusion(c["name"], c["definition"], c["comment"]) for c in constraints if c["type"] == "x"),
        indexes=tuple(_read_index(index) for index in parts.indexes.get(row["oid"], [])),
        triggers=_read_triggers(row, parts),
        comment=row["comment"],
        partition=row["partition"],
        parents=tuple((schema, name) for schema, name in row["parents"]),
        options=tuple(sorted(row["options"])),
    )


def _read_triggers(row: Row, parts: _Parts) -> tuple[Trigger, ...]:
    found = parts.triggers.get(row["oid"], [])
    return tuple(Trigger(t["name"], t["definition"], t["enabled"], t["comment"]) for t in found)


def _read_column(row: Row) -> Column:
    return Column(
        name=row["name"],
        type=row["type"],
        nullable=not row["not_null"],
        default=None if row["generated"] else row["expression"],
        identity=IDENTITY.get(row["identity"]),  # type: ignore[arg-type]  # two literals
        generated=row["expression"] if row["generated"] else None,
        collation=row["collation"],
        comment=row["comment"],
        virtual=row["generated"] == "v",
        identity_options=tuple(_list_identity_options(row)) if row["identity"] else (),
        not_null_validated=not row["unvalidated"],
    )


def _list_identity_options(row: Row) -> Iterator[str]:
    """What is not as https://www.postgresql.org/docs/current/sql-createsequence.html says it is by default."""
    down, limit = row["increment"] < 0, LIMITS[row["sequence_type"]]
    minimum, maximum = (-limit - 1, -1) if down else (1, limit)
    start = row["maximum"] if down else row["minimum"]
    usual = (("START WITH", "start", start), ("INCREMENT BY", "increment", 1), ("MINVALUE", "minimum", minimum))
    for word, name, value in (*usual, ("MAXVALUE", "maximum", maximum), ("CACHE", "cache", 1)):
        if row[name] != value:
            yield f"{word} {row[name]}"
    if row["cycle"]:
        yield "CYCLE"


def _read_primary_key(row: Row) -> PrimaryKey:
    return PrimaryKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
        comment=row["comment"],
        include=tuple(row["include"]),
        without_overlaps=row["period"],
    )


def _read_unique(row: Row) -> Unique:
    return Unique(
        name=row["name"],
        columns=tuple(row["columns"]),
        nulls_distinct=not row["nulls_not_distinct"],
        include=tuple(row["include"]),
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
        comment=row["comment"],
        without_overlaps=row["period"],
    )


def _read_foreign_key(row: Row) -> ForeignKey:
    return ForeignKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        referred_schema=row["referred_schema"],
        referred_table=row["referred_table"],
        referred_columns=tuple(row["referred_columns"]),
        on_update=REFERENTIAL[row["on_update"]],
        on_delete=REFERENTIAL[row["on_delete"]],
        match=MATCH[row["match"]],
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
        validated=row["validated"],
        comment=row["comment"],
        set_columns=tuple(row["set_columns"]),
        period=row["period"],
        enforced=row["enforced"],
    )


def _read_check(row: Row) -> Check:
    return Check(
        name=row["name"],
        expression=_strip(row["expression"]),
        validated=row["validated"],
        no_inherit=row["no_inherit"],
        comment=row["comment"],
        enforced=row["enforced"],
    )


def _read_index(row: Row) -> Index:
    return Index(
        name=row["name"],
        keys=tuple(_read_key(key) for key in row["keys"]),
        unique=row["unique"],
        method=row["method"],
        include=tuple(row["include"]),
        predicate=_strip(row["predicate"]) if row["predicate"] else None,
        nulls_distinct=not row["nulls_not_distinct"],
        valid=row["valid"],
        definition=row["definition"],
        comment=row["comment"],
    )


def _read_key(key: Mapping[str, Any]) -> IndexKey:
    return IndexKey(
        column=key["column"],
        expression=key["expression"],
        opclass=key["opclass"],
        collation=key["collation"],
        descending=key["descending"],
        nulls_first=key["nulls_first"],
    )


def _read_view(row: Row, parts: _Parts) -> View:
    indexes = tuple(_read_index(index) for index in parts.indexes.get(row["oid"], []))
    return View(
        schema=row["schema"],
        name=row["name"],
        definition=row["definition"],
        materialized=row["materialized"],
        indexes=indexes,
        comment=row["comment"],
        triggers=_read_triggers(row, parts),
        options=tuple(sorted(row["options"])),
    )


def _read_other(row: Row) -> Other:
    return Other(row["schema"], row["name"], row["kind"], row["definition"], row["table"], row["comment"])


def _rank_other(item: Other) -> tuple[str, str, str, str]:
    return item.schema, item.name, item.kind, item.table or ""


def _read_sequence(row: Row) -> Sequence:
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
        owned_by=tuple(row["owned_by"]) if row["owned_by"] else None,
        comment=row["comment"],
    )


def _read_domains(found: Mapping[str, list[Row]]) -> Iterable[Domain]:
    for row in found["domains"]:
        checks = tuple((name, _strip(expression)) for name, expression in row["checks"])
        yield Domain(
            schema=row["schema"],
            name=row["name"],
            type=row["type"],
            nullable=not row["not_null"],
            default=row["default"],
            checks=checks,
            comment=row["comment"],
            collation=row["collation"],
            unvalidated=tuple(row["unvalidated"]),
        )


def _strip(expression: str) -> str:
    """Without the outer parentheses that the catalog adds, when the first one closes with the last."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth = 0
    quoted: str | None = None
    for position, character in enumerate(expression):
        if quoted:
            quoted = None if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0 and position < len(expression) - 1:
                return expression
    return expression[1:-1]
