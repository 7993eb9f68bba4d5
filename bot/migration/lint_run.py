"""Lints what a tree changes: looks at what the new revisions were seen to do, then runs the rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import MigrationFailed
from bot.migration.lint import lint
from bot.migration.lint_inputs import Observed, gather_context
from bot.migration.lint_result import LintResult
from bot.migration.proof_result import Proof
from bot.schema.change import Change
from bot.schema.model import Schema
from bot.workspace.databases import ScratchServer


def run_lint(
    runner: AlembicRunner,
    base: Base,
    base_tree: Path,
    *,
    tree: Path | None = None,
    observed: Observed | None = None,
    leftover: tuple[Change, ...] | None = None,
    naming_convention: Mapping[str, str] | None = None,
) -> LintResult:
    """What is wrong with the revisions that the runner's tree has and `base_tree` has not.

    `base` is the base's. `tree` has the files of the runner's tree too, but no code has run in it, which could have
    changed what is read (None: the runner's own). Without `observed` a copy of the base is upgraded to see what the
    revisions do, and `leftover` is what the proof found the downgrade to leave behind; an upgrade that fails is linted
    by its source alone. Raises `MigrationFailed` when a revision cannot be loaded, and kinds of `MigrationSetupError`.
    """
    workspace = runner.workspace
    context = gather_context(
        tree or workspace.tree.path,
        base_tree,
        runner.project,
        runner.history(),
        observed or _observe(runner, workspace.server, base, leftover),
        naming_convention=naming_convention,
        severities=workspace.config.lint,
    )
    return lint(context)


def read_proof(proof: Proof, base: Base, target: Schema) -> Observed | None:
    """What the proof saw of the revisions, so that they need not be run again.

    None when the target was not reached: the proof does not keep the schema that was instead.
    """
    if not _has_step(proof, "target reached"):
        return None
    return Observed(base.schema, target, read_leftover(proof), proof.statements, proof.server_version)


def read_leftover(proof: Proof) -> tuple[Change, ...] | None:
    """What the proof found the downgrade to leave behind; None when the downgrade did not run to its end."""
    return proof.leftover if _has_step(proof, "downgrade") else None


def _has_step(proof: Proof, name: str) -> bool:
    return any(step.name == name and step.ok for step in proof.steps)


def _observe(runner: AlembicRunner, server: ScratchServer, base: Base, leftover: tuple[Change, ...] | None) -> Observed:
    with server.dropping(server.create(base.template)) as database:
        try:
            ran = runner.upgrade(database)
        except MigrationFailed:
            return Observed(base.schema, leftover=leftover)
        with database.connect() as connection:
            after = take_snapshot(connection)
    return Observed(base.schema, after, leftover, ran.statements, server.read_version())
