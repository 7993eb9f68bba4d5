"""The schema that a repository's models make, built in a database of its own."""

from __future__ import annotations

from collections.abc import Mapping

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import NoModels
from bot.schema.model import Schema


def find_models_schema(runner: AlembicRunner, beside: Schema) -> tuple[Schema | None, Mapping[str, str] | None]:
    """The schema and the models' naming convention (may be empty); None, None when env.py names no models.

    The namespaces and extensions of `beside` are there before, as no models make them. Raises `MigrationError`.
    """
    namespaces = [name for name in beside.schemas if name != "public"]
    extensions = [name for name, _ in beside.extensions]
    server = runner.workspace.server
    database = server.create()
    try:
        models = runner.build_models(database, schemas=namespaces, extensions=extensions)
        engine = database.engine()
        with engine.connect() as connection:
            made = take_snapshot(connection)
        engine.dispose()
    except NoModels:
        return None, None
    finally:
        server.drop(database)
    return made, models.naming_convention
