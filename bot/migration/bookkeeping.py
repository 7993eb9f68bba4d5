"""What a scratch database is: its server, and its schema without Alembic's table and what a downgrade has put aside."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot.schema.model import Schema, Table
from bot.schema.snapshot import snapshot

ASIDE_PREFIX = "_dropped_"


def take_snapshot(connection: sa.Connection) -> Schema:
    """The schema of the connected database, without version tables (`version_table` of env.py may rename it).

    Tables and columns that a revision put aside (`bot.migration.aside`) are not in it.
    """
    return hide_bookkeeping(snapshot(connection, exclude=()))


def hide_bookkeeping(schema: Schema) -> Schema:
    """The schema without version tables, and without what a revision put aside."""
    tables = (_hide_columns(table) for table in schema.tables if not is_version_table(table))
    return replace(schema, tables=tuple(table for table in tables if not table.name.startswith(ASIDE_PREFIX)))


def _hide_columns(table: Table) -> Table:
    columns = tuple(column for column in table.columns if not column.name.startswith(ASIDE_PREFIX))
    return table if len(columns) == len(table.columns) else replace(table, columns=columns)


def is_version_table(table: Table) -> bool:
    """Whether it has the shape that Alembic gives its table (alembic/runtime/migration.py: `version_num` of 32)."""
    return len(table.columns) == 1 and table.columns[0].name == "version_num"
