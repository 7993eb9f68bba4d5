"""The bot's own migrations, run by the entry points before anything else."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

LOCK_KEY = 0x5350_4543  # any constant will do: entry points that start together wait for each other


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Brings the database to that revision. Safe to call from several processes at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_KEY)))
        command.upgrade(make_config(connection), revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Takes the database back to that revision."""
    with engine.begin() as connection:
        command.downgrade(make_config(connection), revision)


def make_config(connection: sa.Connection) -> Config:
    """Alembic's configuration for the packaged migrations, on that connection."""
    config = Config()
    location = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", location.replace("%", "%%"))  # the parser interpolates
    config.attributes["connection"] = connection
    return config
