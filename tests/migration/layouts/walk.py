"""The whole way of a spec through a repository's migrations, as a run of the bot goes it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.migration.baseline import Base
from bot.migration.conventions import read_conventions
from bot.migration.hooks import run_hooks
from bot.migration.models_schema import ModelsSchema, find_models_schema
from bot.migration.proof_result import Proof
from bot.migration.revision_file import RevisionFile, RevisionWords
from bot.migration.target import build_target
from bot.migration.tenant import enter_schema
from bot.migration.write import write_revisions
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.spec.reader import read_spec
from tests.migration.bench import Bench
from tests.migration.revisions import CREATED_AT, show


@dataclass(frozen=True)
class Walk:
    """What came of it; `models` is None where env.py names none."""

    base: Base
    models: ModelsSchema | None
    files: tuple[RevisionFile, ...]
    proof: Proof

    @property
    def text(self) -> str:
        """The revisions, one after the other."""
        return "\n\n".join(file.text for file in self.files)


def walk(bench: Bench, model: str, message: str = "Notes of customers") -> Walk:
    """Base, models, target of the spec, revisions written into the tree, and their proof, which must hold."""
    base = bench.ensure_base()
    models = find_models_schema(bench.runner, base.schema)
    target = make_target(bench, base, model, models)
    files = write(bench, base, target, message, models)
    proof = bench.prove(base, target)
    assert proof.ok, "\n".join(f"{step.name}: {step.ok} {step.detail}" for step in proof.steps) + files[0].text
    assert set(proof.revisions) == {file.revision for file in files}
    return Walk(base, models, files, proof)


def make_target(bench: Bench, base: Base, model: str, models: ModelsSchema | None) -> Schema:
    """What a spec with this data model (SQL, or a fence of another notation) makes of the base."""
    fence = model if model.startswith("```") else f"```sql\n{model}\n```"
    spec = read_spec("Notes", f"## Data model\n{fence}\n")
    naming = None if models is None else models.naming
    database = bench.create(base.template)
    with database.connect() as connection:
        enter_schema(connection, None if models is None else models.default_schema)
        build_target(connection, base.schema, spec.data_model, naming=naming or None, body=spec.body)
    return bench.look(database)


def write(
    bench: Bench, base: Base, target: Schema, message: str, models: ModelsSchema | None
) -> tuple[RevisionFile, ...]:
    """The revisions from the base to the target, put where the repository keeps its own."""
    tree, config = bench.workspace.tree.path, bench.workspace.config
    conventions = read_conventions(tree, bench.runner.project, base.revision, config)
    conventions = replace(conventions, default_schema=None if models is None else models.default_schema)
    files = write_revisions(
        conventions,
        base.schema,
        target,
        RevisionWords(message),
        down_revision=base.below,
        created_at=CREATED_AT,
    )
    bench.write({file.path.as_posix(): file.text for file in files})
    polished = run_hooks(bench.runner, files)
    bench.write({file.path.as_posix(): file.text for file in polished})
    return polished


def expect_models_agree(walked: Walk) -> None:
    """The models that were built say what the history says."""
    assert walked.models is not None
    difference = material(diff(walked.base.schema, walked.models.schema))
    assert difference == (), show(difference)
