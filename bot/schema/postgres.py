"""The catalog of Postgres 12 to 18, read in a constant number of queries.

https://www.postgresql.org/docs/current/catalogs.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
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
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Trigger,
    Unique,
    View,
)
from bot.schema.postgres_queries import QUERIES

Row = Mapping[str, Any]
REFERENTIAL = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
MATCH = {"s": "SIMPLE", "f": "FULL", "p": "PARTIAL"}
IDENTITY = {"a": "always", "d": "by default"}


def snapshot_postgres(connection: sa.Connection, exclude: Collection[str]) -> Schema:
    """Everything in every namespace that is not the system's, without what an extension owns."""
    found = {name: _read(connection, name, query) for name, query in QUERIES.items()}
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
    )


class _Parts:
    """The parts of tables by the owner's oid."""

    def __init__(self, found: Mapping[str, list[Row]]) -> None:
        self.columns = _group(found["columns"])
        self.constraints = _group(found["constraints"])
        self.indexes = _group(found["indexes"])
        self.triggers = _group(found["triggers"])


def _read(connection: sa.Connection, name: str, query: str) -> list[Row]:
    if name in {"indexes", "constraints"}:
        has = connection.dialect.server_version_info >= (15,)  # type: ignore[operator,attr-defined]
        query = query.replace("/*nulls_not_distinct*/", "i.indnullsnotdistinct" if has else "false")
    return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


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
        triggers=tuple(
            Trigger(t["name"], t["definition"], t["enabled"], t["comment"]) for t in parts.triggers.get(row["oid"], [])
        ),
        comment=row["comment"],
        partition=row["partition"],
    )


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
    )


def _read_primary_key(row: Row) -> PrimaryKey:
    return PrimaryKey(row["name"], tuple(row["columns"]), row["deferrable"], row["deferred"], row["comment"])


def _read_unique(row: Row) -> Unique:
    return Unique(
        name=row["name"],
        columns=tuple(row["columns"]),
        nulls_distinct=not row["nulls_not_distinct"],
        include=tuple(row["include"]),
        deferrable=row["deferrable"],
        initially_deferred=row["deferred"],
        comment=row["comment"],
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
    )


def _read_check(row: Row) -> Check:
    return Check(row["name"], _strip(row["expression"]), row["validated"], row["no_inherit"], row["comment"])


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
        expression=None if key["column"] is not None else key["expression"],
        opclass=key["opclass"],
        collation=key["collation"],
        descending=key["descending"],
        nulls_first=key["nulls_first"],
    )


def _read_view(row: Row, parts: _Parts) -> View:
    indexes = tuple(_read_index(index) for index in parts.indexes.get(row["oid"], []))
    return View(row["schema"], row["name"], row["definition"], row["materialized"], indexes, row["comment"])


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
            row["schema"], row["name"], row["type"], not row["not_null"], row["default"], checks, row["comment"]
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
