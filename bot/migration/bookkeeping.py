"""A snapshot without Alembic's own table, whatever a repository calls it."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot.schema.model import Schema, Table
from bot.schema.snapshot import snapshot


def take_snapshot(connection: sa.Connection) -> Schema:
    """The schema of the connected database, without version tables (`version_table` of env.py may rename it)."""
    schema = snapshot(connection, exclude=())
    return replace(schema, tables=tuple(table for table in schema.tables if not is_version_table(table)))


def is_version_table(table: Table) -> bool:
    """Whether it has the shape that Alembic gives its table (alembic/runtime/migration.py: `version_num` of 32)."""
    return len(table.columns) == 1 and table.columns[0].name == "version_num"
