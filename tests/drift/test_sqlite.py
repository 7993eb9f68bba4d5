"""The same law on SQLite: each difference is found, named, and taken back by what is proposed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from tests.drift.cases import Case, read_cases
from tests.drift.databases import compare, list_statements

BASE = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(200) NOT NULL);
CREATE UNIQUE INDEX ux_customers_email ON customers (email);
CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL DEFAULT 'pending', note TEXT);
CREATE INDEX ix_orders_status ON orders (status);
CREATE INDEX ix_orders_open ON orders (id) WHERE status = 'pending';
CREATE TABLE items (order_id INTEGER NOT NULL REFERENCES orders (id), quantity INTEGER NOT NULL,
    CONSTRAINT ck_q CHECK (quantity > 0));
CREATE VIEW open_orders AS SELECT id, status FROM orders WHERE status = 'pending';
CREATE TRIGGER touched AFTER UPDATE ON customers BEGIN SELECT 1; END;
"""


def run(connection: sa.Connection, script: str) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.executescript(script)


@pytest.mark.parametrize("case", read_cases("sqlite.sql"), ids=lambda case: case.name)
def test_a_difference(case: Case) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        run(connection, BASE)
        expected = take(connection)
        run(connection, case.sql)
        items = compare(expected, take(connection)).items
        assert [f"{item.severity}: {item.title}" for item in items] == [case.told]
        run(connection, ";\n".join(list_statements(items, "to_expected")) + ";")
        assert compare(expected, take(connection)).items == ()


def take(connection: sa.Connection) -> Schema:
    return snapshot(connection)
