"""What we say rewrites a table, asked of the server: its file is another one afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.migration.rewrites import find_reason_to_rewrite, is_rewrite_free
from bot.schema.snapshot import snapshot

Fresh = Callable[[], sa.Engine]
# (before, after, whether it is written anew)
TYPES = [
    ("character varying(10)", "character varying(20)", False),
    ("character varying(10)", "character varying", False),
    ("character varying(10)", "text", False),
    ("text", "character varying", False),
    ("text", "character varying(9)", True),
    ("character varying(10)", "character varying(5)", True),
    ("numeric(8,2)", "numeric(10,2)", False),
    ("numeric(8,2)", "numeric", False),
    ("numeric(8,2)", "numeric(10,3)", True),
    ("numeric(8,2)", "numeric(6,2)", True),
    ("numeric", "numeric(10,2)", True),
    ("timestamp(3) without time zone", "timestamp without time zone", False),
    ("timestamp(3) with time zone", "timestamp(5) with time zone", False),
    ("timestamp(5) with time zone", "timestamp(3) with time zone", True),
    ("time(2) without time zone", "time(4) without time zone", False),
    ("interval(3)", "interval", False),
    ("bit varying(3)", "bit varying(9)", False),
    ("bit(3)", "bit(9)", True),
    ("character(3)", "character(4)", True),
    ("character(3)", "text", True),
    ("cidr", "inet", False),
    ("inet", "cidr", True),
    ("xml", "text", False),
    ("integer", "bigint", True),
    ("integer", "smallint", True),
    ("integer", "numeric", True),
    ("real", "double precision", True),
    ("json", "jsonb", True),
    ("date", "timestamp without time zone", True),
    ("character varying(3)[]", "character varying(5)[]", True),
]
COLUMNS = {
    "x integer": False,
    "x integer DEFAULT 1": False,
    "x integer NOT NULL DEFAULT 1": False,
    "x text NOT NULL DEFAULT ''": False,
    "x text DEFAULT 'random()'": False,
    "x timestamptz NOT NULL DEFAULT now()": False,
    "x timestamp DEFAULT (now() AT TIME ZONE 'utc')": False,
    "x integer[] DEFAULT '{}'": False,
    "x jsonb NOT NULL DEFAULT '{}'": False,
    "x date DEFAULT CURRENT_DATE": False,
    "x uuid DEFAULT gen_random_uuid()": True,
    "x timestamptz DEFAULT clock_timestamp()": True,
    "x double precision DEFAULT random()": True,
    "x bigint DEFAULT nextval('numbers')": True,
    "x serial": True,
    "x integer GENERATED ALWAYS AS IDENTITY": True,
    "x integer GENERATED ALWAYS AS (id * 2) STORED": True,
    "x positive": True,
}


def find_file(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_relation_filenode('t')").scalar_one())


def test_types(fresh_database: Fresh) -> None:
    with fresh_database().connect() as connection:
        for before, after, expected in TYPES:
            connection.exec_driver_sql(f"CREATE TABLE t (x {before})")
            file = find_file(connection)
            using = f"USING x::text::{after}" if after == "character varying(9)" else ""
            connection.exec_driver_sql(f"ALTER TABLE t ALTER x TYPE {after} {using}")
            assert (find_file(connection) != file) == expected, (before, after)
            assert is_rewrite_free(before, after) != expected, (before, after)
            connection.rollback()


@pytest.mark.parametrize("column", COLUMNS)
def test_new_columns(column: str, fresh_database: Fresh) -> None:
    with fresh_database().connect() as connection:
        for ddl in (
            "CREATE SEQUENCE numbers",
            "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
            "CREATE TABLE t (id integer)",
            "INSERT INTO t SELECT 1",
        ):
            connection.exec_driver_sql(ddl)
        file = find_file(connection)
        connection.exec_driver_sql(f"ALTER TABLE t ADD {column}")
        assert (find_file(connection) != file) == COLUMNS[column]
        schema = snapshot(connection)
        found = schema.find_table("t")
        assert found is not None
        reason = find_reason_to_rewrite(next(c for c in found.columns if c.name == "x"), schema)
        assert (reason is not None) == COLUMNS[column]
