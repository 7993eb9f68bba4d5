"""A database's structure, read from its own catalog."""

from __future__ import annotations

from collections.abc import Collection

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
    dialect = connection.dialect.name
    if dialect == "postgresql":
        return snapshot_postgres(connection, exclude)
    if dialect == "sqlite":
        return snapshot_sqlite(connection, exclude)
    raise UnsupportedDialect(f"no snapshot of {dialect}: Postgres and SQLite are supported")
