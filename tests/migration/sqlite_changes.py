"""A base schema for SQLite with rows, and changes of every kind that SQLite knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.migration.renames import Rename

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
}


@dataclass(frozen=True)
class Stated:
    """As in CHANGES, with the names that the writer is told of."""

    replaced: tuple[tuple[str, str], ...]
    added: str = ""
    renames: tuple[Rename, ...] = ()

    @property
    def target(self) -> str:
        """The DDL of the schema after the change."""
        script = BASE
        for old, new in self.replaced:
            if old not in script:
                raise ValueError(f"{old} is not in the base")
            script = script.replace(old, new)
        return script + self.added


_KEY = ",\n    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE"
COMBINED: dict[str, Stated] = {
    "column, type, trigger, table and index": Stated(
        (
            ("note TEXT,", "note TEXT, level INTEGER DEFAULT 1 NOT NULL,"),
            ("total NUMERIC(10, 2)", "total FLOAT"),
            ("points + 1", "points"),
        ),
        "CREATE TABLE z (id INTEGER NOT NULL PRIMARY KEY); CREATE INDEX ix_z ON customers (level)",
    ),
    "table and column renamed": Stated(
        (("note TEXT", "remark TEXT"), ("tags", "labels")),
        renames=(Rename("table", "main", "tags", "labels"), Rename("column", "main", "note", "remark", "customers")),
    ),
    "renamed column gets another type, a check and an index": Stated(
        (("note TEXT", "remark VARCHAR(90) DEFAULT '' CHECK (length(remark) < 99)"),),
        "CREATE INDEX ix_remark ON customers (remark, lower(name));",
        (Rename("column", "main", "note", "remark", "customers"),),
    ),
    "renamed table under a view, a trigger and a key, with a column more": Stated(
        (("customers", "people"), ("note TEXT,", "note TEXT, nick TEXT UNIQUE,")),
        "CREATE VIEW names AS SELECT name, nick FROM people;",
        (
            Rename("table", "main", "customers", "people"),
            Rename("constraint", "main", "uq_customers_email", "uq_people_email", "people"),
        ),
    ),
    "view goes over to a column that is new": Stated(
        (
            ("total NUMERIC(10, 2)", "cents INTEGER DEFAULT 0"),
            ("id, total FROM orders WHERE total > 100", "id, cents AS total FROM orders WHERE cents > 10000"),
        ),
    ),
    "key becomes that of another table": Stated(
        ((_KEY, ",\n    FOREIGN KEY (customer_id) REFERENCES people (id)"),),
        "CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, boss_id INTEGER REFERENCES people (id));"
        "INSERT INTO people (id) VALUES (1), (2);",
    ),
    "table takes the name of a view": Stated(
        (("CREATE VIEW biggest AS SELECT max(total) AS total FROM big;", ""),),
        "CREATE TABLE biggest (id INTEGER NOT NULL PRIMARY KEY, order_id INTEGER REFERENCES orders (id));",
    ),
    "index takes the name of one of another table": Stated(
        (("CREATE INDEX ix_customers_name ON customers (name);", ""),),
        "CREATE INDEX ix_customers_name ON orders (state); CREATE INDEX ix_tags ON customers (name)",
    ),
    "computed column on one whose type changes": Stated(
        (("points INTEGER DEFAULT 0 NOT NULL", "points REAL DEFAULT 1 NOT NULL, twice REAL AS (points * 2) STORED"),),
        "CREATE INDEX ix_twice ON customers (twice) WHERE twice > 0;",
    ),
    "constraints of every kind at once": Stated(
        (
            ("CHECK (points >= 0)", "CHECK (points >= 0 OR note IS NULL), UNIQUE (name, points)"),
            (" CONSTRAINT uq_customers_email UNIQUE (email),", ""),
            ("ON DELETE CASCADE", "ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED"),
            ("state VARCHAR(20) NOT NULL", "state VARCHAR(20) NOT NULL UNIQUE CHECK (state <> '')"),
        ),
        "CREATE UNIQUE INDEX ix_mail ON customers (lower(email));",
    ),
}


# What test_any_schemas.py has found: the schema with rows, and what becomes of it.
FOUND: dict[str, tuple[str, str]] = {
    "conflict clauses of keys, uniques and columns": (
        "CREATE TABLE a (x TEXT)",
        """CREATE TABLE a (x TEXT UNIQUE ON CONFLICT REPLACE, y INTEGER NOT NULL ON CONFLICT IGNORE DEFAULT 1);
        CREATE TABLE b (x TEXT, y TEXT, z TEXT, CONSTRAINT pk PRIMARY KEY (x, y) ON CONFLICT REPLACE);
        CREATE TABLE c (x TEXT PRIMARY KEY ON CONFLICT IGNORE, y TEXT, UNIQUE (x, y) ON CONFLICT FAIL)""",
    ),
    "unique column that comes back to a table which has lost its rowid": (
        "CREATE TABLE a (y TEXT NOT NULL, x INTEGER NOT NULL UNIQUE, z BLOB NOT NULL UNIQUE);"
        "INSERT INTO a VALUES ('q', 1, x'01'), ('p', 2, x'02')",
        "CREATE TABLE a (y TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    ),
    "computed column becomes unique in a table that is copied": (
        "CREATE TABLE a (x TEXT, y TEXT); INSERT INTO a VALUES ('q', NULL), ('p', 'r')",
        "CREATE TABLE a (x TEXT, z TEXT NOT NULL ON CONFLICT FAIL AS (upper(x)) STORED, y VARCHAR(9), UNIQUE (z))",
    ),
    "conflict clause of a computed column": (
        "CREATE TABLE a (x TEXT, y TEXT); INSERT INTO a VALUES ('q', NULL), ('p', 'r')",
        "CREATE TABLE a (x TEXT, z TEXT NOT NULL ON CONFLICT FAIL AS (upper(x)) STORED, y VARCHAR(9))",
    ),
    "triggers of views": (
        "CREATE TABLE a (x TEXT, y TEXT); CREATE VIEW v AS SELECT x FROM a; CREATE VIEW w AS SELECT y FROM a;"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END;"
        "CREATE TRIGGER u INSTEAD OF DELETE ON v BEGIN DELETE FROM a; END",
        "CREATE TABLE a (x TEXT, y INTEGER); CREATE VIEW v AS SELECT x FROM a; CREATE VIEW w AS SELECT y FROM a;"
        "CREATE TRIGGER u INSTEAD OF DELETE ON v BEGIN DELETE FROM a WHERE x = OLD.x; END;"
        "CREATE TRIGGER t INSTEAD OF UPDATE ON w BEGIN SELECT 1; END",
    ),
    "trigger of a view beside nothing else": (
        "CREATE TABLE a (x TEXT); CREATE VIEW v AS SELECT x FROM a",
        "CREATE TABLE a (x TEXT); CREATE VIEW v AS SELECT x FROM a;"
        "CREATE TRIGGER u INSTEAD OF DELETE ON v BEGIN DELETE FROM a; END",
    ),
    "conflict clause of a unique that says what the primary key says": (
        "CREATE TABLE a (x TEXT)",
        "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY, UNIQUE (x) ON CONFLICT IGNORE)",
    ),
    "strict table becomes a usual one with another type": (
        "CREATE TABLE a (x INT, z BLOB NOT NULL) STRICT; INSERT INTO a VALUES (1, x'01')",
        "CREATE TABLE a (x INT, y NUMERIC(10, 2) DEFAULT 1.5 NOT NULL)",
    ),
}


def open_database(path: Path, script: str) -> sa.Engine:
    """A new database in a file, after the script has run."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.connection.driver_connection.executescript(script)  # type: ignore[union-attr]
    return engine
