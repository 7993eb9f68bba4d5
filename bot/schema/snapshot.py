"""A database's structure, read from its own catalog."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bot.schema.model import Schema
from bot.schema.postgres import snapshot_postgres
from bot.schema.sqlite import snapshot_sqlite

BOOKKEEPING = ("alembic_version",)


class UnsupportedDialect(Exception):
    """The database is neither Postgres nor SQLite."""


def snapshot(connection: sa.Connection, *, exclude: Collection[str] = BOOKKEEPING) -> Schema:
    """The schema behind the connection, in a constant number of queries, without the tables named in `exclude`.

    Raises `UnsupportedDialect`.
    """
    take = {"postgresql": snapshot_postgres, "sqlite": snapshot_sqlite}.get(connection.dialect.name)
    if take is None:
        raise UnsupportedDialect(f"no snapshot of {connection.dialect.name}: Postgres and SQLite are supported")
    with _without_collector():
        return take(connection, exclude)


@contextmanager
def _without_collector() -> Iterator[None]:
    """A large schema is tens of thousands of values, all of which stay: the collector would visit them in vain.

    It takes a third of the time otherwise.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
