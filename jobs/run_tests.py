"""The repository's own tests, run by the bot on a database of their own."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from bot.migration.url_values import render_url_values
from bot.migration.url_variables import find_url_variables
from bot.workspace.databases import Database
from bot.workspace.openapi import read_openapi
from bot.workspace.test_run import TestReport
from bot.workspace.test_run import run_tests as run_in_workspace
from jobs.context import RunContext

OPTIONS = "PYTEST_ADDOPTS"


def run_tests(context: RunContext, revision: str | None = None, selection: Sequence[str] = ()) -> TestReport:
    """Runs them on the base schema, or on what it is after an upgrade to `revision`; all, or those of `selection`.

    Raises `MigrationFailed` when that upgrade does.
    """
    bench = context.bench
    with context.scratch_database(context.base.template) as database:
        if revision is not None:
            bench.runner.upgrade(database, revision)
        values = render_values(context, database)
        if selection:
            given = context.config.env.get(OPTIONS, "")
            values = {**values, OPTIONS: f"{given} {shlex.join(selection)}".strip()}
        return run_in_workspace(bench.workspace, database, values)


def ask_openapi(context: RunContext) -> Mapping[str, object] | None:
    """The OpenAPI document that the application gives of itself, where it can be had."""
    with context.scratch_database(context.base.template) as database:
        return read_openapi(context.bench.workspace, database, render_values(context, database))


def render_values(context: RunContext, database: Database) -> dict[str, str]:
    """The variables that name the database."""
    bench = context.bench
    variables = find_url_variables(bench.tree.path, bench.runner.project, context.config)
    return render_url_values(variables, database.url(), bench.environment.root)
