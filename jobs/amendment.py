"""Revisions written anew in the middle of a model's work: it has added to the models what the spec says in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.implement.claude.tools.result import ToolError
from bot.migration import deploy_order
from bot.migration.errors import MigrationError
from bot.migration.models_schema import ModelsSchema
from bot.migration.proof_words import describe_changes
from bot.migration.renames import Rename
from bot.schema import codec
from bot.schema.diff import diff, material
from bot.workspace.tree_files import remove_file
from jobs.context import RunContext
from jobs.endings import Failed
from jobs.models_comparison import read_models
from jobs.steps.schema import build_target, make_revisions, put_revisions


@dataclass(frozen=True, slots=True)
class Written:
    """See `bot.implement.claude.place.Written`."""

    files: tuple[str, ...]
    additions: tuple[str, ...]
    kept: Mapping[str, Any]


def write_amended(context: RunContext, is_revision: Callable[[str], bool]) -> Written:
    """Writes the revisions of the run from the models as they are. The tree is fresh afterwards.

    `is_revision` says of a path whether it is one. Raises `ToolError` when the models do more than add.
    """
    patch = context.tree.patch()
    models, additions = _read_additions(context)
    context.unfinished = patch
    context.reset_tree()  # the models were run
    try:
        renames = _list_renames(context, models.default_schema)
        revisions = make_revisions(context, models.schema, renames, models.default_schema)
    except Failed as error:
        context.reset_tree()
        raise ToolError(f"the migration cannot be written: {error.values.get('message', '')}") from error
    for change in context.tree.list_changes():
        if change.kind == "added" and is_revision(change.path):
            remove_file(context.tree.path, change.path)
    put_revisions(context.tree.path, revisions)
    context.amended = models.schema
    placed = [deploy_order.to_json(deploy_order.place(revision)) for revision in revisions]
    kept = {"target": codec.to_json(models.schema), "revisions": placed, "additions": list(additions)}
    return Written(tuple(revision.path.as_posix() for revision in revisions), additions, kept)


def restore_amended(context: RunContext, kept: Mapping[str, Any] | None) -> None:
    """The target as a run that is gone on with has amended it."""
    context.amended = None if kept is None else codec.from_json(kept["target"])


def _read_additions(context: RunContext) -> tuple[ModelsSchema, tuple[str, ...]]:
    """What the models make, and what it has beyond the spec's data model."""
    known, stated = context.outputs["schema"]["known"], context.outputs["schema"]["target"]
    target = context.base.schema if stated is None else codec.from_json(stated)
    try:
        models = read_models(context, target)
    except MigrationError as error:
        raise ToolError(f"the models cannot be built: {error}") from error
    if models is None or known:
        raise ToolError("the models differed from the migrations before this change, so they cannot say what to write")
    changes = material(diff(target, models.schema))
    others = [change for change in changes if change.action != "add"]
    if others:
        raise ToolError(f"only additions to the spec's data model are taken, but:\n{describe_changes(others)}")
    if not changes and context.amended is None:
        raise ToolError("the models make exactly what the spec's data model states: there is nothing to add")
    return models, tuple(describe_changes([change]) for change in changes)


def _list_renames(context: RunContext, default_schema: str | None) -> Sequence[Rename]:
    if context.spec.data_model.is_empty:
        return ()
    return build_target(context, context.outputs["schema"]["naming"], default_schema)[1]
