"""Sizes are the server's own estimates, of ordinary and partitioned tables alike."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from bot.live.session import open_live
from bot.live.sizes import LiveSizes, TableSize, from_json, read_sizes, to_json

DDL = """
CREATE TABLE orders (id integer PRIMARY KEY, note text);
INSERT INTO orders SELECT number, repeat('x', 100) FROM generate_series(1, 5000) number;
CREATE TABLE parts (id integer) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200);
INSERT INTO parts SELECT generate_series(0, 149);
CREATE TABLE empty (id integer);
ANALYZE;
CREATE TABLE uncounted (id integer);
INSERT INTO uncounted VALUES (1);
CREATE SCHEMA other;
CREATE TABLE other.orders (id integer);
"""
NAMES = [("public", name) for name in ("orders", "parts", "empty", "uncounted", "missing")]


def test_sizes_of_tables(fresh_database: Callable[[], sa.Engine]) -> None:
    engine = fresh_database()
    with engine.begin() as connection:
        for statement in DDL.strip().split(";\n"):
            connection.exec_driver_sql(statement)
    with open_live(engine.url.render_as_string(hide_password=False), 5) as connection:
        sizes = read_sizes(connection, NAMES)
        page, every = 8192, {name: sizes["public", name] for name in ("orders", "parts", "empty", "uncounted")}
    assert sizes.keys() == {("public", name) for name in every}
    assert {name: size.rows for name, size in every.items()} == {
        "orders": 5000,
        "parts": 150,
        "empty": 0,
        "uncounted": None,
    }
    assert every["orders"].size_bytes > 5000 * 100
    assert every["orders"].index_bytes >= page
    assert every["parts"].size_bytes >= 2 * page


def test_sizes_go_through_json() -> None:
    sizes = LiveSizes("production", {"orders": TableSize(None, 10, 2)})
    assert from_json(to_json(sizes)) == sizes
    assert from_json(to_json(LiveSizes("staging", {}, "x"))).reason == "x"
