"""The schema that a repository's models make, built in a database of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.migration.alembic_runner import AlembicRunner, Models
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import NoModels
from bot.schema.model import Schema, Table

# What SQLAlchemy's metadata does not say, so that no difference between models and migrations is ever one of these.
_UNSAID = ("functions", "views", "domains", "others")


@dataclass(frozen=True, slots=True)
class ModelsSchema:
    """The schema, the models' naming convention (may be empty), and the schema that unqualified names are of."""

    schema: Schema
    naming: Mapping[str, str]
    default_schema: str | None = None


def find_models_schema(runner: AlembicRunner, beside: Schema) -> ModelsSchema | None:
    """What the models make; None when env.py names none.

    The namespaces and extensions of `beside` are there before, as no models make them. What models cannot say (views,
    triggers …) and the tables that env.py leaves to others are those of `beside`. Raises `MigrationError`.
    """
    server = runner.workspace.server
    with server.dropping(server.create()) as database:
        try:
            models = runner.build_models(
                database,
                schemas=[name for name in beside.schemas if name != "public"],
                extensions=[name for name, _ in beside.extensions],
                tables=[(table.schema, table.name) for table in beside.tables],
            )
        except NoModels:
            return None
        with database.connect() as connection:
            made = take_snapshot(connection)
    return ModelsSchema(_complete(made, beside, models), models.naming_convention, models.default_schema)


def _complete(made: Schema, beside: Schema, models: Models) -> Schema:
    absent = set(models.left_out) - {(table.schema, table.name) for table in made.tables}
    left = [table for table in beside.tables if (table.schema, table.name) in absent]
    triggers = {(table.schema, table.name): table.triggers for table in beside.tables}
    tables = [_add_triggers(table, triggers.get((table.schema, table.name), ())) for table in made.tables]
    fields: dict[str, Any] = {name: _join(getattr(made, name), getattr(beside, name)) for name in _UNSAID}
    return replace(made, tables=tuple(sorted([*tables, *left], key=lambda t: (t.schema, t.name))), **fields)


def _add_triggers(table: Table, others: Sequence[Any]) -> Table:
    names = {trigger.name for trigger in table.triggers}
    more = [trigger for trigger in others if trigger.name not in names]
    return replace(table, triggers=tuple(sorted([*table.triggers, *more], key=lambda item: item.name)))


def _join(own: Sequence[Any], others: Sequence[Any]) -> tuple[Any, ...]:
    """`own` and those of the others that have another name."""
    names = {(item.schema, item.name) for item in own}
    more = [item for item in others if (item.schema, item.name) not in names]
    return tuple(sorted([*own, *more], key=lambda item: (item.schema, item.name)))
