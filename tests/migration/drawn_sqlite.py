"""SQLite databases of every shape, as DDL for hypothesis: what `drawn` draws of Postgres, with what SQLite has.

SQLite alters little, so that another table takes the place of one: with a part more, a part less or another part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from bot.migration.renames import Rename
from tests.migration.drawn import COLUMNS, FLAGS, PARTS, TABLES, Draw, Statement, choose, quote

TYPES = choose(
    """INTEGER|BIGINT|SMALLINT|INT|NUMERIC|NUMERIC(10,2)|REAL|FLOAT|BOOLEAN|VARCHAR(20)|VARCHAR(40)|TEXT|CHAR(3)|DATE
    |DATETIME|TIME|JSON|BLOB"""
)
STRICT_TYPES = st.sampled_from(["INTEGER", "INT", "REAL", "TEXT", "BLOB", "ANY"])
DEFAULTS = st.sampled_from(
    ["0", "1", "-5", "7.5", "'x'", "'it''s % :p'", "''", "NULL", "CURRENT_TIMESTAMP", "TRUE", "(1 + 2)", "(lower('X'))"]
)
GENERATED = st.sampled_from(["{} * 2", "upper({})", "{} IS NULL", "coalesce({}, 'a%b')"])
KEPT = st.sampled_from(["STORED", "VIRTUAL"])
CONFLICTS = st.sampled_from(["", "", "", "", "", " ON CONFLICT IGNORE", " ON CONFLICT REPLACE"])
NULLS = st.sampled_from(["", "", "", " NOT NULL", " NOT NULL", " NOT NULL ON CONFLICT REPLACE"])
KEY_TAILS = st.sampled_from(["", "", " ON DELETE CASCADE", " ON UPDATE SET NULL", " DEFERRABLE INITIALLY DEFERRED"])
OPTIONS = st.sampled_from(["", "", "", "", "", "STRICT", "WITHOUT ROWID", "STRICT, WITHOUT ROWID"])
VIEWS = ["v", "W w"]


@dataclass(frozen=True)
class Drawn:
    """A table as its parts: columns by name, and the constraints besides them."""

    name: str
    columns: dict[str, str]
    constraints: tuple[str, ...] = ()
    options: str = ""

    @property
    def sql(self) -> str:
        """What creates it."""
        parts = [f"{_column_name(name)} {text}".strip() for name, text in self.columns.items()] + list(self.constraints)
        return f"CREATE TABLE {quote(self.name)} ({', '.join(parts)}) {self.options}".strip()


def build_pair(draw: Draw, *, related: bool) -> tuple[list[Statement], list[Statement]]:
    """A schema, and what became of it or one of no relation."""
    tables = _tables(draw)
    before = [Statement(table.sql) for table in tables] + _extras(draw)
    if not related:
        return before, [Statement(table.sql) for table in _tables(draw)] + _extras(draw)
    after: list[Statement] = []
    for _ in range(draw(st.integers(0, 2))):
        after.append(_rename(draw))
    for table in tables:
        if draw(FLAGS):
            changed = _change(draw, table)
            after += [Statement(f"DROP TABLE {quote(table.name)}"), Statement(changed.sql)]
    after += [Statement(_statement(draw)) for _ in range(draw(st.integers(0, 3)))]
    return before, after


def _column_name(name: str) -> str:
    """In brackets: what is in double quotes and is no column, SQLite takes for a text."""
    return f"[{name}]"


def _tables(draw: Draw) -> list[Drawn]:
    return [_table(draw, name) for name in draw(st.lists(TABLES, min_size=1, max_size=4, unique=True))]


def _table(draw: Draw, name: str) -> Drawn:
    table = Drawn(name, {}, options=draw(OPTIONS))
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=4, unique=True))
    table = replace(table, columns={column: _column(draw, table, column) for column in columns})
    constraints = tuple(_constraint(draw, table) for _ in range(draw(st.integers(0, 3))))
    return replace(table, constraints=constraints)


def _column(draw: Draw, table: Drawn, name: str) -> str:
    type_ = draw(STRICT_TYPES if "STRICT" in table.options else TYPES)
    if name == "id" and draw(FLAGS):
        key = draw(st.sampled_from(["", "", " AUTOINCREMENT" if "ROWID" not in table.options else ""]))
        return f"{draw(st.sampled_from(['INTEGER', 'INTEGER', type_]))}{draw(NULLS)} PRIMARY KEY{key}"
    kind = draw(st.sampled_from(["", "", "", "", "default", "default", "generated", "unique", "check", "references"]))
    collation = draw(st.sampled_from(["", "", "", "", " COLLATE NOCASE"]))
    other = _column_name(draw(COLUMNS))
    words = {
        "": "",
        "default": f" DEFAULT {draw(DEFAULTS)}",
        "generated": f" GENERATED ALWAYS AS ({draw(GENERATED).format(other)}) {draw(KEPT)}",
        "unique": f" UNIQUE{draw(CONFLICTS)}",
        "check": f" {_named(draw)}CHECK ({_condition(draw, _column_name(name), other)})",
        "references": f" {_named(draw)}REFERENCES {quote(draw(TABLES))}{draw(st.sampled_from(['', f' ({other})']))}"
        f"{draw(KEY_TAILS)}",
    }
    return f"{type_}{draw(NULLS)}{collation}{words[kind]}"


def _named(draw: Draw) -> str:
    return f"CONSTRAINT {quote(draw(PARTS))} " if draw(FLAGS) else ""


def _constraint(draw: Draw, table: Drawn) -> str:
    names = st.sampled_from(list(table.columns))
    columns = ", ".join(map(_column_name, draw(st.lists(names, min_size=1, max_size=2, unique=True))))
    column, other = _column_name(draw(names)), _column_name(draw(names))
    kind = draw(st.sampled_from(["primary", "unique", "unique", "check", "check", "foreign", "foreign"]))
    if kind == "primary":
        return f"{_named(draw)}PRIMARY KEY ({columns}){draw(CONFLICTS)}"
    if kind == "unique":
        return f"{_named(draw)}UNIQUE ({columns}){draw(CONFLICTS)}"
    if kind == "check":
        return f"{_named(draw)}CHECK ({_condition(draw, column, other)})"
    to = draw(st.sampled_from(["", f" ({_column_name(draw(COLUMNS))})"]))
    return f"{_named(draw)}FOREIGN KEY ({column}) REFERENCES {quote(draw(TABLES))}{to}{draw(KEY_TAILS)}"


def _condition(draw: Draw, column: str, other: str) -> str:
    forms = "{c} IS NOT NULL|{c} > 0|{c} <> ''|{c} IN ('a', 'b')|length({c}) < 3000|{c} IS NULL OR {o} IS NOT NULL"
    forms += "|{c} NOT LIKE '%:x%'|{c} <> {o}"
    return draw(st.sampled_from(forms.split("|"))).format(c=column, o=other)


def _extras(draw: Draw) -> list[Statement]:
    return [Statement(_statement(draw)) for _ in range(draw(st.integers(0, 5)))]


def _statement(draw: Draw) -> str:
    """An index, a view, a trigger, a column more, or one of them less."""
    table, column, other, part = (
        quote(draw(TABLES)),
        _column_name(draw(COLUMNS)),
        _column_name(draw(COLUMNS)),
        quote(draw(PARTS)),
    )
    view = quote(draw(st.sampled_from(VIEWS)))
    source = draw(st.sampled_from([table, table, *map(quote, VIEWS)]))
    where = f" WHERE {_condition(draw, column, other)}" if draw(st.integers(0, 2)) == 0 else ""
    unique = draw(st.sampled_from(["", "", "UNIQUE "]))
    forms = [
        f"CREATE {unique}INDEX {part} ON {table} ({column}){where}",
        f"CREATE {unique}INDEX {part} ON {table} ({column}, {other} DESC){where}",
        f"CREATE {unique}INDEX {part} ON {table} (lower({column}), {other} COLLATE NOCASE){where}",
        f"CREATE VIEW {view} AS SELECT {column}, {other} AS other FROM {source}{where}",
        f"CREATE VIEW {view} AS SELECT * FROM {source}",
        f"CREATE TRIGGER {part} AFTER INSERT ON {table} BEGIN UPDATE {table} SET {column} = {other}; END",
        f"CREATE TRIGGER {part} BEFORE UPDATE OF {column} ON {table} BEGIN SELECT 1; END",
        f"CREATE TRIGGER {part} INSTEAD OF DELETE ON {view} BEGIN DELETE FROM {table}; END",
        f"ALTER TABLE {table} ADD {column} {_column(draw, Drawn('', {}), draw(COLUMNS))}",
        f"ALTER TABLE {table} DROP {column}",
        f"DROP TABLE {table}",
        f"DROP VIEW {view}",
        f"DROP INDEX {part}",
        f"DROP TRIGGER {part}",
    ]
    return draw(st.sampled_from(forms))


def _change(draw: Draw, table: Drawn) -> Drawn:
    """The table with one to three parts other than they were."""
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(
            st.sampled_from(["column", "column", "column", "less", "nullable", "constraint", "free", "options"])
        )
        column = draw(COLUMNS)
        if kind == "column":
            table = replace(table, columns={**table.columns, column: _column(draw, table, column)})
        elif kind == "less":
            columns = {name: text for name, text in table.columns.items() if name != column}
            table = replace(table, columns=columns or table.columns)
        elif kind == "nullable" and column in table.columns:
            text = table.columns[column]
            bare = text.replace(" NOT NULL", "")
            other = bare if bare != text else re.sub(r"^\S+", r"\g<0> NOT NULL", text)
            table = replace(table, columns={**table.columns, column: other})
        elif kind == "constraint":
            table = replace(table, constraints=(*table.constraints, _constraint(draw, table)))
        elif kind == "free":
            table = replace(table, constraints=table.constraints[1:])
        elif kind == "options":
            table = replace(table, options=draw(OPTIONS))
    return table


def _rename(draw: Draw) -> Statement:
    table, new = draw(TABLES), draw(st.sampled_from(["a", "b", "new"]))
    if draw(FLAGS):
        told = Rename("table", "main", table, new)
        return Statement(f"ALTER TABLE {quote(table)} RENAME TO {quote(new)}", told)
    old, new = draw(COLUMNS), draw(st.sampled_from(["x", "Name", "new"]))
    told = Rename("column", "main", old, new, table=table)
    return Statement(f"ALTER TABLE {quote(table)} RENAME COLUMN {_column_name(old)} TO {_column_name(new)}", told)
