from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from bot.schema.summary import describe
from tests.schema.cases import Case, read_cases
from tests.schema.laws import check_laws


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with sa.create_engine("sqlite://").connect() as connection:
        yield connection


def run(connection: sa.Connection, script: str) -> Schema:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.executescript(script)
    return snapshot(connection)


def take(script: str) -> Schema:
    with sa.create_engine("sqlite://").connect() as connection:
        return run(connection, script)


@pytest.mark.parametrize("case", read_cases("sqlite.sql"), ids=lambda case: case.name)
def test_a_change_of_the_catalog_is_told(connection: sa.Connection, case: Case) -> None:
    before = run(connection, case.before)
    after = run(connection, case.change)
    assert tuple(describe(change) for change in diff(before, after)) == case.told
    check_laws(before, after)


SAME = {
    "spaces, comments and case": (
        "CREATE TABLE t (a VARCHAR(20) NOT NULL DEFAULT 'x', CONSTRAINT c CHECK (a <> 'it''s  (' AND length(a) > -1))",
        """create table t(a varchar ( 20 ) not null default 'x'/* ( */, -- , CHECK (
           constraint c check ( a<>'it''s  (' and length ( a )>-1 ) )""",
    ),
    "four styles of quotes": (
        'CREATE TABLE t (a int, "b c" int, CHECK (a > 0 AND "b c" > 0)); CREATE INDEX i ON t ("b c") WHERE a > 0',
        """CREATE TABLE "t" ([a] int, `b c` int, CHECK ("a" > 0 AND [b c] > 0));
           CREATE INDEX IF NOT EXISTS main.[i] ON `t` ([b c] ASC) WHERE ("a">0)""",
    ),
    "constraints of columns and of the table": (
        """CREATE TABLE p (id INTEGER PRIMARY KEY);
           CREATE TABLE t (a INTEGER PRIMARY KEY, b int UNIQUE REFERENCES p ON DELETE CASCADE)""",
        """CREATE TABLE p (id INTEGER NOT NULL, PRIMARY KEY (id)); CREATE TABLE t (a INTEGER, b int, PRIMARY KEY (a),
           UNIQUE (b), FOREIGN KEY (b) REFERENCES p (id) ON DELETE CASCADE ON UPDATE NO ACTION NOT DEFERRABLE)""",
    ),
    "renamed and renamed back": (
        """CREATE TABLE t (a int CHECK (a > 0 OR a IS NULL)); CREATE INDEX i ON t (abs(a)) WHERE a > 1;
           CREATE VIEW v AS SELECT a FROM t""",
        """CREATE TABLE u (x int CHECK (x > 0 OR x IS NULL)); CREATE INDEX i ON u (abs(x)) WHERE x > 1;
           CREATE VIEW v AS SELECT a FROM t; DROP VIEW v; ALTER TABLE u RENAME TO t; ALTER TABLE t RENAME COLUMN x TO a;
           CREATE VIEW v AS SELECT a FROM t""",
    ),
    "column added later": (
        "CREATE TABLE t (a int, b text COLLATE NOCASE DEFAULT 'x' CHECK (b <> ','))",
        "CREATE TABLE t (a int); ALTER TABLE t ADD COLUMN b text DEFAULT 'x' COLLATE nocase CHECK (b!=',')",
    ),
    "table copied as Alembic's batch mode does": (
        "CREATE TABLE t (a INTEGER NOT NULL, b TEXT, CONSTRAINT pk PRIMARY KEY (a)); CREATE INDEX i ON t (b)",
        """CREATE TABLE t (a INTEGER NOT NULL, CONSTRAINT pk PRIMARY KEY (a));
           CREATE TABLE _alembic_tmp_t (a INTEGER NOT NULL, b TEXT, CONSTRAINT pk PRIMARY KEY (a));
           DROP TABLE t; ALTER TABLE _alembic_tmp_t RENAME TO t; CREATE INDEX i ON t (b)""",
    ),
    "strings in double quotes": ("CREATE TABLE t (a text DEFAULT 'x y')", 'CREATE TABLE t (a text DEFAULT "x y")'),
    "default in parentheses": ("CREATE TABLE t (a int DEFAULT 1)", "CREATE TABLE t (a int DEFAULT (1))"),
    "options": (
        "CREATE TABLE t (a text PRIMARY KEY) WITHOUT ROWID, STRICT",
        "create table t (a text not null primary key)strict , without rowid",
    ),
    "generated": (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)",
        "CREATE TABLE t (a int, b int AS (a+1))",
    ),
    "order of making": (
        "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE INDEX i ON a (x); CREATE INDEX j ON a (x)",
        "CREATE TABLE b (x int); CREATE TABLE a (x int); CREATE INDEX j ON a (x); CREATE INDEX i ON a (x)",
    ),
}


@pytest.mark.parametrize("spellings", SAME.values(), ids=SAME)
def test_two_spellings_of_one_thing_do_not_differ(spellings: tuple[str, str]) -> None:
    assert diff(*map(take, spellings)) == ()


def test_foreign_keys_of_one_column_keep_their_names() -> None:
    keys = (
        take(
            """CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE q (id integer PRIMARY KEY);
           CREATE TABLE t (a integer CONSTRAINT one REFERENCES p CONSTRAINT two REFERENCES q, b integer REFERENCES q)"""
        )
        .tables[2]
        .foreign_keys
    )
    assert [(key.name, key.columns, key.referred_table) for key in keys] == [
        (None, ("b",), "q"),
        ("one", ("a",), "p"),
        ("two", ("a",), "q"),
    ]


def test_tables_of_a_virtual_table_are_its_own_affair() -> None:
    (table,) = take("CREATE VIRTUAL TABLE docs USING fts5(body)").tables
    assert [column.name for column in table.columns] == ["body"]


def test_a_temporary_table_hides_nothing(connection: sa.Connection) -> None:
    before = run(connection, "CREATE TABLE t (a integer)")
    assert diff(before, run(connection, "CREATE TEMP TABLE t (b text); CREATE TEMP TABLE u (b text)")) == ()


def test_tables_are_left_out_by_name(connection: sa.Connection) -> None:
    run(connection, "CREATE TABLE alembic_version (version_num text); CREATE TABLE a (x int)")
    assert [table.name for table in snapshot(connection).tables] == ["a"]
    assert [table.name for table in snapshot(connection, exclude=("a",)).tables] == ["alembic_version"]


def test_the_number_of_queries_is_constant() -> None:
    counts = []
    for number in (3, 60):
        tables = "".join(
            f"CREATE TABLE t{n} (id integer PRIMARY KEY, a int REFERENCES t0); CREATE INDEX i{n} ON t{n} (a);"
            for n in range(number)
        )
        with sa.create_engine("sqlite://").connect() as connection:
            run(connection, tables)
            seen: list[str] = []
            sa.event.listen(
                connection, "before_cursor_execute", lambda *arguments, seen=seen: seen.append(arguments[2])
            )
            assert len(snapshot(connection).tables) == number
        counts.append(len(seen))
    assert counts[0] == counts[1] < 10
