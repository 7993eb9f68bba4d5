"""Lints what a tree changes: upgrades a copy of the base to see what the new revisions do, then runs the rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import MigrationFailed
from bot.migration.finding import Finding
from bot.migration.lint import lint
from bot.migration.lint_inputs import Observed, gather_context
from bot.schema.change import Change
from bot.workspace.databases import ScratchServer


def run_lint(
    runner: AlembicRunner,
    base: Base,
    base_tree: Path,
    *,
    leftover: tuple[Change, ...] | None = None,
    naming_convention: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with the revisions that the runner's tree has and `base_tree` has not.

    `base` is the base's, `leftover` what the proof found the downgrade to leave behind. An upgrade that fails is linted
    by its source alone. Raises `MigrationFailed` when a revision cannot be loaded, and `MigrationSetupError` kinds.
    """
    workspace = runner.workspace
    context = gather_context(
        workspace.tree.path,
        base_tree,
        runner.project,
        runner.history(),
        _observe(runner, workspace.server, base, leftover),
        naming_convention=naming_convention,
        severities=workspace.config.lint,
    )
    return lint(context)


def _observe(runner: AlembicRunner, server: ScratchServer, base: Base, leftover: tuple[Change, ...] | None) -> Observed:
    database = server.create(base.template)
    try:
        ran = runner.upgrade(database)
        engine = database.engine()
        with engine.connect() as connection:
            after, version = take_snapshot(connection), _read_version(connection)
        engine.dispose()
        return Observed(base.schema, after, leftover, ran.statements, version)
    except MigrationFailed:
        return Observed(base.schema, leftover=leftover)
    finally:
        server.drop(database)


def _read_version(connection: sa.Connection) -> str:
    return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"
