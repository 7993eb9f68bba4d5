"""How the models differ from a schema, apart from what they differed in before the run."""

from __future__ import annotations

from collections.abc import Collection

from bot.migration.models_schema import ModelsSchema, find_models_schema
from bot.migration.proof_words import describe_changes
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from jobs.context import RunContext

NO_MODELS = "env.py names no models (target_metadata), so they cannot be compared with the migrations"


def read_models(context: RunContext, beside: Schema) -> ModelsSchema | None:
    """What the models make, beside what they cannot say of a schema; None when env.py knows none. `MigrationError`."""
    return find_models_schema(context.bench.runner, beside)


def list_differences(schema: Schema, models: ModelsSchema | None) -> list[str]:
    """A line for each difference that counts."""
    if models is None:
        return [NO_MODELS]
    return [describe_changes([change]) for change in material(diff(schema, models.schema))]


def list_new_differences(context: RunContext, known: Collection[str]) -> list[str]:
    """How the models differ from the target (the base, when there is none), but for what is known. `MigrationError`."""
    schema = context.base.schema if context.target is None else context.target
    models = read_models(context, schema)
    return [line for line in list_differences(schema, models) if line not in known]
