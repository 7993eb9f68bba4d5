"""The catalog of SQLite, by its table-valued pragma functions; what they do not tell is read from the stored SQL.

https://www.sqlite.org/pragma.html#pragfunc and https://www.sqlite.org/schematab.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from bot.schema.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexKey,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
    View,
)
from bot.schema.sqlite_ddl import TableDdl, fold, read_predicate, read_table_ddl

Row = Mapping[str, Any]
NAMESPACE = "main"

OBJECTS = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
)
COLUMNS = """SELECT m.name AS owner, c.* FROM sqlite_schema m, pragma_table_xinfo(m.name) c
             WHERE m.type = 'table' AND c.hidden <> 1 ORDER BY m.name, c.cid"""
FOREIGN_KEYS = """SELECT m.name AS owner, f.* FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
                  WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"""
INDEXES = """SELECT m.name AS owner, i.* FROM sqlite_schema m, pragma_index_list(m.name) i
             WHERE m.type = 'table' ORDER BY m.name, i.name"""
INDEX_KEYS = """SELECT i.name AS owner, k.* FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) k
                WHERE m.type = 'table' AND k.key = 1 ORDER BY i.name, k.seqno"""


def snapshot_sqlite(connection: sa.Connection, exclude: Collection[str]) -> Schema:
    """Tables, views, indexes and triggers of the main database."""
    objects = _rows(connection, OBJECTS)
    columns, foreign_keys = _group(_rows(connection, COLUMNS)), _group(_rows(connection, FOREIGN_KEYS))
    indexes, keys = _group(_rows(connection, INDEXES)), _group(_rows(connection, INDEX_KEYS))
    sql = {row["name"]: row["sql"] for row in objects if row["sql"]}
    triggers = defaultdict(list)
    for row in objects:
        if row["type"] == "trigger":
            triggers[row["tbl_name"]].append(Trigger(row["name"], fold(row["sql"])))
    tables = []
    for row in objects:
        name = row["name"]
        if row["type"] == "table" and name not in exclude and row["sql"]:
            ddl = read_table_ddl(row["sql"])
            found = _Found(columns[name], foreign_keys[name], indexes[name], keys, sql)
            tables.append(_read_table(name, ddl, found, tuple(triggers[name])))
    views = tuple(View(NAMESPACE, row["name"], fold(row["sql"])) for row in objects if row["type"] == "view")
    return Schema(dialect="sqlite", tables=tuple(tables), views=views)


class _Found:
    """What the pragmas say of one table."""

    def __init__(
        self,
        columns: list[Row],
        foreign_keys: list[Row],
        indexes: list[Row],
        keys: Mapping[str, list[Row]],
        sql: Mapping[str, str],
    ) -> None:
        self.columns, self.foreign_keys, self.indexes, self.keys, self.sql = columns, foreign_keys, indexes, keys, sql


def _read_table(name: str, ddl: TableDdl, found: _Found, triggers: tuple[Trigger, ...]) -> Table:
    return Table(
        schema=NAMESPACE,
        name=name,
        columns=tuple(_read_column(row, ddl) for row in found.columns),
        primary_key=_read_primary_key(found.columns, ddl),
        uniques=_sorted(_read_uniques(found, ddl)),
        foreign_keys=_sorted(_read_foreign_keys(found.foreign_keys, ddl)),
        checks=_sorted(Check(check_name, expression) for check_name, expression in ddl.checks),
        indexes=tuple(_read_index(row, found) for row in found.indexes if row["origin"] == "c"),
        triggers=triggers,
    )


def _read_column(row: Row, ddl: TableDdl) -> Column:
    name = row["name"]
    return Column(
        name=name,
        type=row["type"].upper(),
        nullable=not row["notnull"],
        default=row["dflt_value"],
        identity="always" if name in ddl.autoincrement else None,
        generated=ddl.generated.get(name),
        collation=ddl.collations.get(name),
    )


def _read_primary_key(columns: Iterable[Row], ddl: TableDdl) -> PrimaryKey | None:
    keys = sorted((row["pk"], row["name"]) for row in columns if row["pk"])
    return PrimaryKey(ddl.primary_key_name, tuple(name for _, name in keys)) if keys else None


def _read_uniques(found: _Found, ddl: TableDdl) -> Iterable[Unique]:
    for row in found.indexes:
        if row["origin"] == "u":
            columns = tuple(key["name"] for key in found.keys[row["name"]])
            yield Unique(ddl.unique_names.get(columns), columns)


def _read_foreign_keys(rows: Iterable[Row], ddl: TableDdl) -> Iterable[ForeignKey]:
    by_id: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_id[row["id"]].append(row)
    for parts in by_id.values():
        columns = tuple(part["from"] for part in parts)
        yield ForeignKey(
            name=ddl.foreign_key_names.get(columns),
            columns=columns,
            referred_schema=NAMESPACE,
            referred_table=parts[0]["table"],
            referred_columns=tuple(part["to"] for part in parts if part["to"] is not None),
            on_update=parts[0]["on_update"],
            on_delete=parts[0]["on_delete"],
        )


def _read_index(row: Row, found: _Found) -> Index:
    sql = found.sql.get(row["name"], "")
    keys = tuple(
        IndexKey(column=key["name"], expression=None if key["name"] else "expression", descending=bool(key["desc"]))
        for key in found.keys[row["name"]]
    )
    predicate = read_predicate(sql) if row["partial"] else None
    return Index(row["name"], keys, bool(row["unique"]), predicate=predicate, definition=fold(sql))


def _rows(connection: sa.Connection, query: str) -> list[Row]:
    return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def _group(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["owner"]].append(row)
    return grouped


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value.name or "", repr(value))))
