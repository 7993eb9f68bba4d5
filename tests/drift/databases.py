"""Databases that drift: made from a script, and led back by the statements that a comparison proposes."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from bot.drift.compare import compare_schemas
from bot.drift.item import Comparison, Item
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot


def execute(engine: sa.Engine, script: str) -> None:
    """Run a script of several statements as a person would, in one transaction."""
    with engine.begin() as connection:
        connection.connection.cursor().execute(script)


def look(engine: sa.Engine) -> Schema:
    """The schema that stands there now."""
    with engine.connect() as connection:
        return snapshot(connection)


def compare(expected: Schema, actual: Schema) -> Comparison:
    """The comparison with the names that the tests expect."""
    return compare_schemas(expected, actual, expected_name="the migrations", actual_name="production")


def list_statements(items: Iterable[Item], way: str) -> list[str]:
    """The statements of that way, in the order in which they are to be run."""
    found = list(items)
    ordered = found if way == "to_expected" else list(reversed(found))
    return [statement for item in ordered for statement in getattr(item, way).statements]


def run(engine: sa.Engine, statements: Iterable[str]) -> None:
    """Send them one by one, without parameters."""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
