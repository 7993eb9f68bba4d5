"""The catalog of SQLite, by its table-valued pragma functions; what they do not tell is read from the stored SQL.

https://www.sqlite.org/pragma.html#pragfunc and https://www.sqlite.org/schematab.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
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
from bot.schema.sqlite_ddl import Reference, TableDdl, read_index_ddl, read_table_ddl
from bot.schema.sqlite_tokens import normalize, read_tokens, render, render_name

Row = Mapping[str, Any]
NAMESPACE = "main"

# The tables in which a virtual table keeps its data ("shadow") are its own affair.
OBJECTS = """SELECT m.type, m.name, m.tbl_name, m.sql FROM sqlite_schema m
             WHERE m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT IN
                   (SELECT t.name FROM pragma_table_list t WHERE t.schema = 'main' AND t.type = 'shadow')
             ORDER BY m.name"""
COLUMNS = """SELECT m.name AS owner, c.* FROM sqlite_schema m, pragma_table_xinfo(m.name, 'main') c
             WHERE m.type = 'table' AND c.hidden <> 1 ORDER BY m.name, c.cid"""
FOREIGN_KEYS = """SELECT m.name AS owner, f.* FROM sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f
                  WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"""
INDEXES = """SELECT m.name AS owner, i.* FROM sqlite_schema m, pragma_index_list(m.name, 'main') i
             WHERE m.type = 'table' ORDER BY m.name, i.name"""
INDEX_KEYS = """SELECT i.name AS owner, k.* FROM sqlite_schema m, pragma_index_list(m.name, 'main') i,
                       pragma_index_xinfo(i.name, 'main') k
                WHERE m.type = 'table' AND k.key = 1 ORDER BY i.name, k.seqno"""
VIRTUAL, STORED = 2, 3  # what `hidden` says of a generated column


@dataclass(frozen=True, slots=True)
class _Catalog:
    """What the pragmas say, by table (`keys`: by index), and the stored SQL by name."""

    columns: Mapping[str, list[Row]]
    foreign_keys: Mapping[str, list[Row]]
    indexes: Mapping[str, list[Row]]
    keys: Mapping[str, list[Row]]
    sql: Mapping[str, str]

    def list_primary_key(self, table: str) -> tuple[str, ...]:
        keys = sorted((row["pk"], row["name"]) for row in self.columns[table] if row["pk"])
        return tuple(name for _, name in keys)


def snapshot_sqlite(connection: sa.Connection, exclude: Collection[str]) -> Schema:
    """Tables, views, indexes and triggers of the main database."""
    objects = _rows(connection, OBJECTS)
    catalog = _Catalog(
        columns=_group(_rows(connection, COLUMNS)),
        foreign_keys=_group(_rows(connection, FOREIGN_KEYS)),
        indexes=_group(_rows(connection, INDEXES)),
        keys=_group(_rows(connection, INDEX_KEYS)),
        sql={row["name"]: row["sql"] for row in objects if row["sql"]},
    )
    triggers: defaultdict[str, list[Trigger]] = defaultdict(list)
    for row in objects:
        if row["type"] == "trigger":
            triggers[row["tbl_name"]].append(Trigger(row["name"], normalize(row["sql"])))
    names = [row["name"] for row in objects if row["type"] == "table" and row["sql"] and row["name"] not in exclude]
    views = [row for row in objects if row["type"] == "view"]
    return Schema(
        dialect="sqlite",
        tables=tuple(_TableReader(name, catalog).read(tuple(triggers[name])) for name in names),
        views=tuple(
            View(NAMESPACE, row["name"], normalize(row["sql"]), triggers=tuple(triggers[row["name"]])) for row in views
        ),
    )


class _TableReader:
    """One table, from what the pragmas and its stored SQL say."""

    def __init__(self, name: str, catalog: _Catalog) -> None:
        self.name, self.catalog = name, catalog
        self.ddl: TableDdl = read_table_ddl(catalog.sql[name])
        self.rows = catalog.columns[name]
        self.key = catalog.list_primary_key(name)

    def read(self, triggers: tuple[Trigger, ...]) -> Table:
        indexes = self.catalog.indexes[self.name]
        return Table(
            schema=NAMESPACE,
            name=self.name,
            columns=tuple(self._read_column(row) for row in self.rows),
            primary_key=PrimaryKey(self.ddl.primary_key_name, self.key) if self.key else None,
            uniques=_sorted(self._read_unique(row) for row in indexes if row["origin"] == "u"),
            foreign_keys=_sorted(self._read_foreign_keys()),
            checks=_sorted(Check(name, expression) for name, expression in self.ddl.checks),
            indexes=tuple(self._read_index(row) for row in indexes if row["origin"] == "c"),
            triggers=triggers,
            options=tuple(sorted({self._follow_key(option, indexes) for option in self.ddl.options})),
        )

    def _follow_key(self, option: str, indexes: Iterable[Row]) -> str:
        """Of a UNIQUE on the columns of the primary key SQLite keeps its conflict clause only, as the key's."""
        subject = f"UNIQUE ({', '.join(self.key)}) ON CONFLICT "
        uniques = [self._read_unique(row).columns for row in indexes if row["origin"] == "u"]
        if option.startswith(subject) and self.key not in uniques:
            return option.replace("UNIQUE", "PRIMARY KEY", 1)
        return option

    def _read_column(self, row: Row) -> Column:
        name = row["name"]
        return Column(
            name=name,
            type=normalize(row["type"]).upper(),
            nullable=not row["notnull"] and not self._is_never_null(row),
            default=None if row["dflt_value"] is None else _read_default(row["dflt_value"]),
            identity="always" if name in self.ddl.autoincrement else None,
            generated=self.ddl.generated.get(name) if row["hidden"] in (VIRTUAL, STORED) else None,
            collation=self._get_collation(name),
            virtual=row["hidden"] == VIRTUAL,
        )

    def _is_never_null(self, row: Row) -> bool:
        """A single INTEGER key is the rowid, and without a rowid no key may be NULL; others may, for historic reasons.

        https://www.sqlite.org/lang_createtable.html#rowid
        """
        is_rowid = self.key == (row["name"],) and row["type"].upper() == "INTEGER"
        return bool(row["pk"]) and (is_rowid or "WITHOUT ROWID" in self.ddl.options)

    def _get_collation(self, column: str) -> str | None:
        collation = self.ddl.collations.get(column)
        return None if collation == "BINARY" else collation

    def _read_unique(self, row: Row) -> Unique:
        columns = tuple(key["name"] for key in self.catalog.keys[row["name"]])
        return Unique(self.ddl.unique_names.get(columns), columns)

    def _read_foreign_keys(self) -> Iterator[ForeignKey]:
        by_id: defaultdict[int, list[Row]] = defaultdict(list)
        for row in self.catalog.foreign_keys[self.name]:
            by_id[row["id"]].append(row)
        declared = list(self.ddl.references)
        # The pragma counts from the one that was declared last.
        for _, parts in sorted(by_id.items(), reverse=True):
            columns = tuple(part["from"] for part in parts)
            yield self._read_foreign_key(parts, columns, _take(declared, columns))

    def _read_foreign_key(self, parts: list[Row], columns: tuple[str, ...], declared: Reference | None) -> ForeignKey:
        first = parts[0]
        named = tuple(part["to"] for part in parts if part["to"] is not None)
        return ForeignKey(
            name=declared.name if declared else None,
            columns=columns,
            referred_schema=NAMESPACE,
            referred_table=first["table"],
            referred_columns=named or self.catalog.list_primary_key(first["table"]),
            on_update=first["on_update"],
            on_delete=first["on_delete"],
            match="SIMPLE" if first["match"] == "NONE" else first["match"],
            deferrable=declared is not None and declared.deferrable,
            initially_deferred=declared is not None and declared.initially_deferred,
        )

    def _read_index(self, row: Row) -> Index:
        name = row["name"]
        ddl = read_index_ddl(self.catalog.sql[name])
        keys = tuple(self._read_key(key, text) for key, text in zip(self.catalog.keys[name], ddl.keys, strict=True))
        words = [f"CREATE {'UNIQUE ' if row['unique'] else ''}INDEX {render_name(name)} ON {render_name(self.name)}"]
        words += [f"({', '.join(_render_key(key) for key in keys)})"]
        words += [f"WHERE {ddl.predicate}"] if ddl.predicate else []
        return Index(name, keys, bool(row["unique"]), predicate=ddl.predicate, definition=" ".join(words))

    def _read_key(self, key: Row, text: str) -> IndexKey:
        column, down = key["name"], bool(key["desc"])
        usual = (self._get_collation(column) if column else None) or "BINARY"
        collation = key["coll"].upper()
        # NULL is the smallest value: https://www.sqlite.org/lang_select.html#the_order_by_clause
        return IndexKey(
            column=column,
            expression=None if column else text,
            collation=None if collation == usual else collation,
            descending=down,
            nulls_first=down,
        )


def _take(declared: list[Reference], columns: tuple[str, ...]) -> Reference | None:
    folded = [name.lower() for name in columns]
    for reference in declared:
        if [name.lower() for name in reference.columns] == folded:
            declared.remove(reference)
            return reference
    return None


def _render_key(key: IndexKey) -> str:
    text = render_name(key.column) if key.column is not None else key.expression or ""
    return text + (f" COLLATE {key.collation}" if key.collation else "") + (" DESC" if key.descending else "")


def _read_default(text: str) -> str:
    """No name can stand in a default: what is quoted like one is a string (https://www.sqlite.org/quirks.html)."""
    return render(token.as_string() if token.kind == "name" else token for token in read_tokens(text))


def _rows(connection: sa.Connection, query: str) -> list[Row]:
    return [dict(row) for row in connection.exec_driver_sql(query).mappings()]


def _group(rows: Iterable[Row]) -> defaultdict[str, list[Row]]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["owner"]].append(row)
    return grouped


def _sorted(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value.name or "", repr(value))))
