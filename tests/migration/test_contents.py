"""What is lost between two looks at a database is found, value by value, on both servers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.migration.contents import DETAIL_ROWS, Loss, find_losses, read_contents, select_known
from bot.schema.snapshot import snapshot
from tests.migration.revisions import execute

KEYED = """CREATE TABLE t (id integer PRIMARY KEY, a text, b integer);
           INSERT INTO t VALUES (1, 'x', 10), (2, NULL, 20), (3, 'z', 30);"""
BARE = """CREATE TABLE t (a text, b integer); INSERT INTO t VALUES ('x', 10), ('x', 10), (NULL, 20), ('z', 30);"""
CASES: dict[str, tuple[str, str, tuple[Loss, ...]]] = {
    "nothing": (KEYED, "", ()),
    "rows and columns are added": (
        KEYED,
        "INSERT INTO t VALUES (4, 'new', 4); ALTER TABLE t ADD COLUMN c integer DEFAULT 1; CREATE TABLE u (x integer)",
        (),
    ),
    "values change": (
        KEYED,
        "UPDATE t SET a = 'y' WHERE id < 3; UPDATE t SET b = 31 WHERE id = 3",
        (Loss("t", "a", 2), Loss("t", "b", 1)),
    ),
    "a value becomes null": (KEYED, "UPDATE t SET a = NULL WHERE id = 1", (Loss("t", "a", 1),)),
    "a column goes": (KEYED, "ALTER TABLE t DROP COLUMN b", (Loss("t", "b", 3),)),
    "a column comes back empty": (
        KEYED,
        "ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b integer",
        (Loss("t", "b", 3),),
    ),
    "rows go": (KEYED, "DELETE FROM t WHERE id = 2", (Loss("t", None, 1),)),
    "all rows go": (KEYED, "DELETE FROM t", (Loss("t", None, 3),)),
    "the table goes": (KEYED, "DROP TABLE t", (Loss("t", None, 3),)),
    "a row goes and another comes": (
        KEYED,
        "DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (5, 'x', 20)",
        (Loss("t", None, 1),),
    ),
    "without a key, nothing but the order": (
        BARE,
        "DELETE FROM t WHERE a = 'z'; INSERT INTO t VALUES ('z', 30)",
        (),
    ),
    "without a key, a null becomes something": (BARE, "UPDATE t SET a = 'y' WHERE a IS NULL", (Loss("t", "a", 1),)),
    "without a key, a value": (BARE, "UPDATE t SET a = 'y' WHERE a = 'z'", (Loss("t", "a", 1),)),
    "without a key, rows": (BARE, "DELETE FROM t WHERE a = 'x'", (Loss("t", None, 2),)),
    "without a key, values in other rows": (
        "CREATE TABLE t (a text, b integer); INSERT INTO t VALUES ('x', 1), ('y', 2)",
        "UPDATE t SET b = 3 - b",
        (Loss("t", None, 2),),
    ),
}


@pytest.fixture(params=["postgresql", "sqlite"])
def engine(request: pytest.FixtureRequest) -> sa.Engine:
    if request.param == "sqlite":
        return sa.create_engine("sqlite://")
    make: Callable[[], sa.Engine] = request.getfixturevalue("fresh_database")
    return make()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_losses(engine: sa.Engine, case: tuple[str, str, tuple[Loss, ...]]) -> None:
    before, change, losses = case
    assert find(engine, before, change) == losses


def find(engine: sa.Engine, before: str, change: str) -> tuple[Loss, ...]:
    with engine.connect() as connection:
        run(connection, before)
        known = read_contents(connection, snapshot(connection).tables)
        run(connection, change)
        return find_losses(known, read_contents(connection, select_known(snapshot(connection), known)))


def run(connection: sa.Connection, script: str) -> None:
    for statement in filter(str.strip, script.split(";")):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def test_a_table_of_another_namespace_is_named_with_it(fresh_database: Callable[[], sa.Engine]) -> None:
    before = "CREATE SCHEMA s; CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1)"
    assert find(fresh_database(), before, "DELETE FROM s.t") == (Loss("s.t", None, 1),)


def test_of_a_long_table_the_columns_that_differ_are_named(fresh_database: Callable[[], sa.Engine]) -> None:
    rows = DETAIL_ROWS + 1
    before = f"""CREATE TABLE t (id int PRIMARY KEY, a text, b int);
                 INSERT INTO t SELECT i, i, i FROM generate_series(1, {rows}) i"""
    assert find(fresh_database(), before, "DELETE FROM t WHERE id = 5; INSERT INTO t VALUES (5, '5', 5)") == ()
    assert find(fresh_database(), before, "UPDATE t SET a = 'y' WHERE id = 5") == (Loss("t", "a", rows),)
    assert find(fresh_database(), before, "DELETE FROM t WHERE id < 3") == (Loss("t", None, 2),)
    assert find(fresh_database(), before, "ALTER TABLE t DROP b") == (Loss("t", "b", rows),)


ALIKE = {
    "json through jsonb": ("json", """'{"b": 1,  "a": [2]}'""", "jsonb USING c::jsonb", "json USING c::json"),
    "a wider text": ("varchar(9)", "'x'", "text", "varchar(9)"),
    "an integer through bigint": ("integer", "7", "bigint", "integer"),
    "a time zone": ("timestamptz", "'2020-01-01 12:00+02'", "timestamptz(3)", "timestamptz"),
}


@pytest.mark.parametrize("case", ALIKE.values(), ids=ALIKE)
def test_a_way_through_another_type_loses_nothing(
    fresh_database: Callable[[], sa.Engine], case: tuple[str, str, str, str]
) -> None:
    type_, value, there, back = case
    before = f"CREATE TABLE t (id int PRIMARY KEY, c {type_}); INSERT INTO t VALUES (1, {value})"
    assert (
        find(fresh_database(), before, f"ALTER TABLE t ALTER c TYPE {there}; ALTER TABLE t ALTER c TYPE {back}") == ()
    )


def test_settings_of_the_session_do_not_look_like_losses(fresh_database: Callable[[], sa.Engine]) -> None:
    engine = fresh_database()
    with engine.begin() as connection:
        execute(
            connection,
            """CREATE TABLE t (id int PRIMARY KEY, a timestamptz, b interval, c bytea, d date);
               INSERT INTO t VALUES (1, '2020-01-01 00:00+00', '1 day', '\\xff', '2020-02-01')""",
        )
        tables = snapshot(connection).tables
    found = []
    for settings in ("", "SET timezone = 'Asia/Tokyo'; SET intervalstyle = 'iso_8601'; SET bytea_output = 'escape'"):
        with engine.connect() as connection:
            execute(connection, f"SELECT 1; {settings}")
            found.append(read_contents(connection, tables))
    assert found[0] == found[1]
