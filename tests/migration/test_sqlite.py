"""The law of writing on SQLite: up leads to the target, down to the start, and every row is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.migration.renames import Rename
from bot.schema.snapshot import snapshot
from tests.migration.revisions import Pair, Project, prove

BASE = """
CREATE TABLE customers (id INTEGER NOT NULL, email VARCHAR(254) NOT NULL, name VARCHAR(200) NOT NULL DEFAULT 'nobody',
    points INTEGER DEFAULT 0 NOT NULL, note TEXT, PRIMARY KEY (id), CONSTRAINT uq_customers_email UNIQUE (email),
    CHECK (points >= 0));
CREATE INDEX ix_customers_name ON customers (name);
CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL, total NUMERIC(10, 2),
    state VARCHAR(20) NOT NULL, created_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE);
CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
CREATE VIEW big AS SELECT id, total FROM orders WHERE total > 100;
CREATE VIEW biggest AS SELECT max(total) AS total FROM big;
CREATE TRIGGER trg_orders AFTER INSERT ON orders BEGIN
    UPDATE customers SET points = points + 1 WHERE id = NEW.customer_id; END;
"""
ROWS = """
INSERT INTO customers (id, email, name, points, note) VALUES (1, 'a@x', 'Ann', 3, NULL), (2, 'b@x', 'Bob', 0, 'n');
INSERT INTO orders (customer_id, total, state) VALUES (1, 120.50, 'paid'), (2, NULL, 'new');
INSERT INTO tags VALUES ('red');
"""
# What the target is: the base with some words changed, and what is added at its end.
CHANGES: dict[str, tuple[list[tuple[str, str]], str]] = {
    "table": ([], "CREATE TABLE notes (id INTEGER NOT NULL, body TEXT, PRIMARY KEY (id))"),
    "table that refers to others": (
        [],
        """CREATE TABLE items (order_id INTEGER NOT NULL, tag TEXT NOT NULL, n SMALLINT DEFAULT 1, price FLOAT,
            PRIMARY KEY (order_id, tag), CONSTRAINT fk_o FOREIGN KEY (order_id) REFERENCES orders (id),
            FOREIGN KEY (tag) REFERENCES tags (name), CONSTRAINT ck_n CHECK (n > 0), UNIQUE (tag, n))""",
    ),
    "tables in a circle": (
        [],
        """CREATE TABLE a (id INTEGER NOT NULL PRIMARY KEY, b_id INTEGER, FOREIGN KEY (b_id) REFERENCES b (id));
        CREATE TABLE b (id INTEGER NOT NULL PRIMARY KEY, a_id INTEGER, FOREIGN KEY (a_id) REFERENCES a (id))""",
    ),
    "column": ([("note TEXT,", "note TEXT, nick VARCHAR(10),")], ""),
    "column with default": ([("note TEXT,", "note TEXT, level INTEGER DEFAULT 1 NOT NULL,")], ""),
    "column with other default": ([("note TEXT,", "note TEXT, at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL,")], ""),
    "column with check and key": (
        [("note TEXT,", "note TEXT, boss_id INTEGER CHECK (boss_id > 0) REFERENCES customers (id),")],
        "",
    ),
    "column unique": ([("note TEXT,", "note TEXT, code TEXT UNIQUE,")], ""),
    "column generated": ([("note TEXT,", "note TEXT, twice INTEGER GENERATED ALWAYS AS (points * 2) STORED,")], ""),
    "column dropped": ([(" note TEXT,", "")], ""),
    "column not null dropped": (
        [(" email VARCHAR(254) NOT NULL,", ""), (" CONSTRAINT uq_customers_email UNIQUE (email),", "")],
        "",
    ),
    "column with key dropped": (
        [
            (" customer_id INTEGER NOT NULL,", ""),
            (",\n    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE", ""),
            ("WHERE id = NEW.customer_id", "WHERE id = 1"),
        ],
        "",
    ),
    "type": ([("total NUMERIC(10, 2)", "total FLOAT")], ""),
    "type wider": ([("state VARCHAR(20)", "state VARCHAR(40)")], ""),
    "set not null": ([("total NUMERIC(10, 2)", "total NUMERIC(10, 2) DEFAULT 0 NOT NULL")], ""),
    "drop not null": ([("state VARCHAR(20) NOT NULL", "state VARCHAR(20)")], ""),
    "default": ([("DEFAULT 'nobody'", "DEFAULT 'no''one'")], ""),
    "default dropped": ([(" DEFAULT 'nobody'", "")], ""),
    "check": ([("CHECK (points >= 0)", "CHECK (points >= 0), CONSTRAINT ck_n CHECK (length(name) > 1)")], ""),
    "check changed": ([("points >= 0", "points >= 0 AND points < 1000")], ""),
    "check dropped": ([(",\n    CHECK (points >= 0)", "")], ""),
    "unique": ([("UNIQUE (email)", "UNIQUE (email), UNIQUE (name, note)")], ""),
    "unique dropped": ([(" CONSTRAINT uq_customers_email UNIQUE (email),", "")], ""),
    "foreign key changed": ([("ON DELETE CASCADE", "ON DELETE SET NULL ON UPDATE CASCADE")], ""),
    "foreign key dropped": (
        [(",\n    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE", "")],
        "",
    ),
    "primary key": ([("PRIMARY KEY (id), CONSTRAINT", "PRIMARY KEY (id, email), CONSTRAINT")], ""),
    "autoincrement dropped": ([(" AUTOINCREMENT", "")], ""),
    "index": ([], "CREATE INDEX ix_o ON orders (customer_id, state)"),
    "index unique partial": ([], "CREATE UNIQUE INDEX ix_o ON orders (state DESC) WHERE total > 5"),
    "index expression": ([], "CREATE INDEX ix_l ON customers (lower(email))"),
    "index dropped": ([("CREATE INDEX ix_customers_name ON customers (name);", "")], ""),
    "index changed": ([("ON customers (name);", "ON customers (name, points);")], ""),
    "view": ([], "CREATE VIEW v AS SELECT name FROM customers"),
    "view changed": ([("total > 100", "total > 200")], ""),
    "view dropped": ([("CREATE VIEW biggest AS SELECT max(total) AS total FROM big;", "")], ""),
    "trigger": ([], "CREATE TRIGGER t AFTER DELETE ON orders BEGIN DELETE FROM tags; END"),
    "trigger changed": ([("points + 1", "points + 2")], ""),
    "trigger dropped": ([(BASE[BASE.index("CREATE TRIGGER") :], "")], ""),
    "table dropped": ([("CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;", "")], ""),
    "collation": ([("note TEXT", "note TEXT COLLATE NOCASE")], ""),
    "many": (
        [
            ("note TEXT,", "note TEXT, level INTEGER DEFAULT 1 NOT NULL,"),
            ("total NUMERIC(10, 2)", "total FLOAT"),
            ("points + 1", "points"),
        ],
        "CREATE TABLE z (id INTEGER NOT NULL PRIMARY KEY); CREATE INDEX ix_z ON customers (level)",
    ),
}

NEED_VALUES = ("column not null dropped", "column with key dropped")  # the other way round nobody would know any


def open_database(path: Path, script: str) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.connection.driver_connection.executescript(script)  # type: ignore[union-attr]
    return engine


def take(engine: sa.Engine) -> Any:
    with engine.connect() as connection:
        return snapshot(connection)


def read_rows(engine: sa.Engine) -> list[Any]:
    tables = ("customers", "orders", "tags")
    with engine.connect() as connection:
        return [[dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {t}").mappings()] for t in tables]


@pytest.mark.parametrize("name", CHANGES)
def test_single_change(name: str, tmp_path: Path) -> None:
    replaced, added = CHANGES[name]
    target = BASE
    for old, new in replaced:
        assert old in target
        target = target.replace(old, new)
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", target + added)))
    project = Project(tmp_path, engine)
    project.stand_on(prove(project, pair))
    if name not in NEED_VALUES:
        prove(project, Pair(pair.after, pair.before))


KEPT = [
    "column",
    "type",
    "set not null",
    "check changed",
    "unique",
    "foreign key changed",
    "index",
    "many",
    "collation",
]


@pytest.mark.parametrize("name", KEPT)
def test_rows_are_kept(name: str, tmp_path: Path) -> None:
    replaced, added = CHANGES[name]
    target = BASE
    for old, new in replaced:
        target = target.replace(old, new)
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    rows = read_rows(engine)
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", target + added)))
    project = Project(tmp_path, engine)
    project.write(pair)
    project.upgrade()
    for before, after in zip(rows, read_rows(engine), strict=True):
        kept = [{key: row[key] for key in old} for old, row in zip(before, after, strict=True)]
        if name != "set not null":
            assert kept == before
    project.downgrade()
    if name != "set not null":
        assert read_rows(engine) == rows


def test_renames(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    target = BASE.replace("note TEXT", "remark TEXT").replace("tags", "labels")
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", target)))
    renames = (Rename("table", "main", "tags", "labels"), Rename("column", "main", "note", "remark", table="customers"))
    written = prove(Project(tmp_path, engine), pair, renames)
    assert "batch_alter_table" not in written.text
    assert "create_table" not in written.text
