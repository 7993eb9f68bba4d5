"""Step 5: models, migration and rollback, proved before any logic that needs the schema is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.implement import blueprint
from bot.implement.changeset import Changeset
from bot.implement.changeset import to_json as changeset_to_json
from bot.implement.errors import ImplementError
from bot.migration import deploy_order, proof_codec
from bot.migration.baseline import get_key
from bot.migration.bookkeeping import take_snapshot
from bot.migration.conventions import read_conventions
from bot.migration.errors import CannotWrite, MigrationError
from bot.migration.hooks import run_hooks
from bot.migration.models_schema import ModelsSchema
from bot.migration.proof import prove
from bot.migration.renames import Rename
from bot.migration.revision_file import RevisionFile, RevisionWords
from bot.migration.target import TargetError
from bot.migration.target import build_target as apply_data_model
from bot.migration.tenant import enter_schema
from bot.migration.write import write_revisions
from bot.schema import codec
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.summary import describe
from bot.spec.model import Spec
from jobs.context import RunContext
from jobs.endings import Failed, Unreadable
from jobs.models_comparison import list_differences, read_models

MAX_PURPOSE_LINES = 6
NOTHING: Mapping[str, Any] = {
    "patch": "",
    "target": None,
    "revisions": [],
    "changeset": changeset_to_json(Changeset()),
    "proof": None,
    "proof_key": None,
    "models": [],
}


def run(context: RunContext) -> dict[str, Any]:
    """Output: `patch`, `target` (the schema), `revisions`, `changeset`, `proof`, `proof_key`, `models` and `naming`.

    `revisions` are in the order in which they are run; the proof is that of all of them together. `proof_key` is the
    digest of all that the proof depends on; `models` says how the models differ from the target, a line each, and
    `known` in what they differed before; `naming` is the naming convention of the models (None: there are none).
    A model that implements has work to do without a data model, too: then there is no target.
    """
    models = _read_models(context, context.base.schema)
    known = [] if models is None else list_differences(context.base.schema, models)
    facts = {"known": known, "naming": None if models is None else dict(models.naming)}
    if context.spec.data_model.is_empty and context.implementer == "claude":
        return {**NOTHING, **facts}
    if context.spec.data_model.is_empty:
        raise Failed("nothing_asked", revision=context.base.revision or "base")
    default_schema = None if models is None else models.default_schema
    target, renames = build_target(context, None if models is None else models.naming, default_schema)
    if not material(diff(context.base.schema, target)):
        raise Failed("nothing_asked", revision=context.base.revision or "base")
    context.reset_tree()
    revisions = make_revisions(context, target, renames, default_schema)
    return {**_write(context, target, revisions, known), **facts}


def _write(
    context: RunContext, target: Schema, revisions: Sequence[RevisionFile], known: Sequence[str]
) -> dict[str, Any]:
    """Models and revisions, and the proof of them."""
    changeset = _write_models(context, target)
    put_revisions(context.tree.path, revisions)
    patch = context.tree.patch()  # before any code of the repository sees what was written
    proof = prove(context.bench.workspace, context.bench.runner, context.base, target)
    key = get_key(context.bench.workspace, context.bench.runner.project)
    after = _read_models(context, target)
    return {
        "patch": patch,
        "target": codec.to_json(target),
        "revisions": [deploy_order.to_json(deploy_order.place(revision)) for revision in revisions],
        "changeset": changeset,
        "proof": proof_codec.to_json(proof),
        "proof_key": key,
        "models": [line for line in list_differences(target, after) if line not in known],
    }


def _read_models(context: RunContext, beside: Schema) -> ModelsSchema | None:
    try:
        return read_models(context, beside)
    except MigrationError as error:
        raise Failed("migrations", message=str(error), output=getattr(error, "output", "")) from error


def build_target(
    context: RunContext, naming: Mapping[str, str] | None, default_schema: str | None
) -> tuple[Schema, tuple[Rename, ...]]:
    """The base with what the data model states, and the renames in it. Raises `Unreadable`."""
    base, spec = context.base, context.spec
    with context.scratch_database(base.template) as database:
        try:
            with database.connect() as connection:
                enter_schema(connection, default_schema)
                renames = apply_data_model(
                    connection, base.schema, spec.data_model, naming=naming or None, body=spec.body
                )
            with database.connect() as connection:
                return take_snapshot(connection), renames
        except TargetError as error:
            raise Unreadable(error.problems) from error


def _write_models(context: RunContext, target: Schema) -> dict[str, Any]:
    before = context.base.schema
    try:
        changeset = blueprint.implement_schema(
            context.tree.path, context.spec, diff(before, target), before, target, context.config
        )
    except ImplementError as error:
        raise Failed("models", message=str(error)) from error
    return changeset_to_json(changeset)


def make_revisions(
    context: RunContext, target: Schema, renames: Sequence[Rename], default_schema: str | None
) -> tuple[RevisionFile, ...]:
    """The revisions as the repository's hooks leave them. The tree must be fresh, and stays so. Raises `Failed`."""
    revisions = _write_revisions(context, target, renames, default_schema)
    return _run_hooks(context, revisions) if context.bench.runner.project.hooks else revisions


def _write_revisions(
    context: RunContext, target: Schema, renames: Sequence[Rename], default_schema: str | None
) -> tuple[RevisionFile, ...]:
    tree, base, run = context.tree.path, context.base, context.run
    conventions = read_conventions(tree, context.bench.runner.project, base.revision, context.config)
    conventions = replace(conventions, default_schema=default_schema)
    changes = material(diff(base.schema, target))
    words = RevisionWords(run.title, _read_purpose(context.spec, run.issue), tuple(describe(c) for c in changes))
    try:
        revisions = write_revisions(
            conventions,
            base.schema,
            target,
            words,
            down_revision=base.below,
            created_at=run.created,
            renames=renames,
            seed=f"{run.repository}#{run.issue}",
        )
    except CannotWrite as error:
        raise Failed("written_migration", message=str(error)) from error
    return revisions


def _run_hooks(context: RunContext, revisions: Sequence[RevisionFile]) -> tuple[RevisionFile, ...]:
    """The revisions as the repository's hooks leave them, and a tree in which nothing has run."""
    put_revisions(context.tree.path, revisions)
    polished = run_hooks(context.bench.runner, revisions)
    context.reset_tree()
    return polished


def put_revisions(tree: Path, revisions: Sequence[RevisionFile]) -> None:
    """Write the files into a tree in which nothing has run yet."""
    for revision in revisions:
        path = tree / revision.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(revision.text, encoding="utf-8")


def _read_purpose(spec: Spec, issue: int) -> tuple[str, ...]:
    lines = [line.strip() for line in spec.summary.splitlines() if line.strip()]
    return (*lines[:MAX_PURPOSE_LINES], f"Spec: issue #{issue}.")
