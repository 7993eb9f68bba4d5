"""A plugin of pytest: which schema each test read and wrote rows in, as properties of its JUnit report.

It runs with the repository's own interpreter: Python 3.9 and later, pytest and SQLAlchemy >= 1.4. Nothing of the bot
can be imported here. Before a test's first statement for rows on a connection the plugin asks that very connection,
past SQLAlchemy's events, so it sees what the test's transaction sees, whichever database and driver that is.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

GIVEN = json.loads(os.environ.get("SPECWRIGHT_MET", "{}"))  # "query" and "property"
MAX_SCHEMAS = 8
_COMMENTS = re.compile(r"\s*(?:(?:/\*.*?\*/|--[^\n]*\n)\s*)*", re.DOTALL)
_ROWS = re.compile(r"(?:SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|COPY)\b", re.IGNORECASE)
_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|COPY)\s", re.IGNORECASE)
_CATALOG = re.compile(r"\b(?:pg_catalog|information_schema|sqlite_master|alembic_version)\b", re.IGNORECASE)


class _Watch:
    """`test` runs now; `asked` holds the connections that were asked since the last change of a schema."""

    def __init__(self) -> None:
        self.test: str | None = None
        self.met: set[str] = set()
        self.asked: set[int] = set()

    def begin(self, test: str) -> None:
        self.test, self.met, self.asked = test, set(), set()

    def see(self, connection: Any, statement: str) -> None:
        body = statement[_COMMENTS.match(statement).end() :]  # type: ignore[union-attr]  # it matches anything
        if not _ROWS.match(body):
            self.asked.clear()  # it may change the schema
        elif self.test is not None and _TABLES.search(body) and not _CATALOG.search(body):
            key = id(_get_driver_connection(connection))
            if key not in self.asked and len(self.met) < MAX_SCHEMAS:
                self.asked.add(key)
                self.met.add(_ask(connection))


def _get_driver_connection(connection: Any) -> Any:
    pooled = connection.connection
    return getattr(pooled, "dbapi_connection", None) or pooled.connection  # the latter is SQLAlchemy 1.4's


_watch = _Watch()


def _ask(connection: Any) -> str:
    if connection.dialect.name != "postgresql":
        return str(connection.dialect.name)
    try:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(GIVEN["query"])
            return str(cursor.fetchone()[0])
        finally:
            cursor.close()
    except Exception as error:
        return f"not known: {type(error).__name__}"


@event.listens_for(Engine, "before_cursor_execute")
def _see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    _watch.see(connection, statement)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: Any) -> None:
    """The test's own body begins; what its fixtures did before does not count."""
    _watch.begin(item.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: Any) -> None:
    """Properties that are set here are part of the report of the teardown, which is the one that pytest writes."""
    if _watch.test == item.nodeid:
        item.user_properties.extend((GIVEN["property"], schema) for schema in sorted(_watch.met))
    _watch.test = None
