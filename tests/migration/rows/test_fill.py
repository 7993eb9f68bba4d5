"""Rows for every kind of constraint: the server accepts them, and what cannot be filled says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.migration.rows import Filling, fill
from bot.schema.snapshot import snapshot

FreshDatabase = Callable[[], sa.Engine]


def read_cases(name: str) -> Mapping[str, str]:
    """Case → DDL, of a file in this folder."""
    text = Path(__file__).with_name(name).read_text()
    cases = (case.partition("\n") for case in text.split("-- case: ")[1:])
    return {title: ddl for title, _, ddl in cases}


def fill_all(engine: sa.Engine, ddl: str, seed: int = 0) -> Filling:
    with engine.begin() as connection:
        connection.exec_driver_sql(ddl.replace("%", "%%"))
    with engine.begin() as connection:
        schema = snapshot(connection)
        return fill(connection, schema, [(table.schema, table.name) for table in schema.tables], seed)


@pytest.mark.parametrize("case", read_cases("fillable.sql"))
def test_rows_that_the_server_accepts(fresh_database: FreshDatabase, case: str) -> None:
    filling = fill_all(fresh_database(), read_cases("fillable.sql")[case])
    assert filling.unfilled == ()
    assert filling.rows["public", "t"] >= 3


@pytest.mark.parametrize("reason", read_cases("unfillable.sql"))
def test_what_stays_empty_says_why(fresh_database: FreshDatabase, reason: str) -> None:
    filling = fill_all(fresh_database(), read_cases("unfillable.sql")[reason])
    assert filling.rows["public", "t"] == 0
    assert reason in dict(filling.unfilled)["public", "t"]


def test_the_values_are_awkward(fresh_database: FreshDatabase) -> None:
    engine = fresh_database()
    fill_all(engine, "CREATE TABLE t (a varchar(50), b int NOT NULL, c date NOT NULL, d bool NOT NULL)")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT a, b, c::text, d FROM t").all()
    texts = {row[0] for row in rows}
    assert {None, "", "x" * 50} <= texts
    assert any(text and not text.isascii() for text in texts)
    assert {2**31 - 1, -(2**31), 0} <= {row[1] for row in rows}
    assert {"0001-01-01", "9999-12-31"} <= {row[2] for row in rows}
    assert {True, False} == {row[3] for row in rows}


def test_the_same_seed_gives_the_same_rows(fresh_database: FreshDatabase) -> None:
    contents = []
    for seed in (1, 1, 2):
        engine = fresh_database()
        fill_all(engine, "CREATE TABLE t (a uuid, b text, c int CHECK (c BETWEEN 1 AND 900), d numeric)", seed)
        with engine.connect() as connection:
            contents.append(connection.exec_driver_sql("SELECT t::text FROM t ORDER BY 1").scalars().all())
    assert contents[0] == contents[1] != contents[2]


def test_only_what_is_wanted_and_needed(fresh_database: FreshDatabase) -> None:
    engine = fresh_database()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (7); CREATE TABLE q (id int PRIMARY KEY);"
            "CREATE TABLE t (p int NOT NULL REFERENCES p, q int NOT NULL REFERENCES q); CREATE TABLE other (id int)"
        )
        filling = fill(connection, snapshot(connection), [("public", "t")])
        values = connection.exec_driver_sql("SELECT DISTINCT p FROM t").scalars().all()
        others = connection.exec_driver_sql("SELECT count(*) FROM other").scalar_one()
    assert filling.rows["public", "p"] == 1
    assert filling.rows["public", "q"] > 3
    assert (values, others) == ([7], 0)


def test_sqlite() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE p (id INTEGER PRIMARY KEY, name VARCHAR(10) NOT NULL UNIQUE)")
        connection.exec_driver_sql(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES p (id), at DATETIME,"
            " kind TEXT NOT NULL CHECK (kind IN ('a', 'b')), price NUMERIC(5, 2) CHECK (price > 0))"
        )
        filling = fill(connection, snapshot(connection), [("main", "t")])
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    assert filling.rows["main", "t"] >= 5
    assert broken == []
