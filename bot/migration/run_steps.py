"""Carries steps out on a connection of ours: for scratch databases only, never for a repository's own."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from bot.migration.steps import Step


def run_steps(connection: sa.Connection, steps: Iterable[Step]) -> None:
    """Run the operations in the connection's transaction. Raises SQLAlchemy's errors."""
    operations = Operations(MigrationContext.configure(connection))
    for step in steps:
        operations.invoke(step.operation)
