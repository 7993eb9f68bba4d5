"""One run of the base commit's tests on a schema that is newer than their code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.errors import MigrationError
from bot.migration.old_code.fingerprint import QUERY, read_fingerprint
from bot.migration.stage import Phase
from bot.migration.url_values import render_url_values
from bot.migration.url_variables import find_url_variables
from bot.workspace.databases import Database
from bot.workspace.test_run import SCHEMA_PROPERTY, TestReport, run_tests
from bot.workspace.workspace import Workspace

_PLUGIN = "specwright_met"
_VARIABLE = "SPECWRIGHT_MET"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The tests after the upgrade to `revision`; `report` is None when they tell nothing, `reason` and `error` say why.

    `schema` is the digest of what the upgrade led to, `base_schema` of what was there before. The cases of `report`
    name the digests that they met.
    """

    revision: str
    schema: str = ""
    base_schema: str = ""
    report: TestReport | None = None
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class OldCode:
    """The meetings by phase, and the tests on the base schema with an unrelated table (None: they were not needed)."""

    meetings: Mapping[Phase, Meeting]
    control: TestReport | None = None


def meet(workspace: Workspace, runner: AlembicRunner, base: Base, revision: str) -> Meeting:
    """Runs the tests of the tree, over whose revisions the newer ones are laid, after an upgrade to `revision`.

    Never raises for what revisions and tests do; raises the workspace's errors.
    """
    server = workspace.server
    with server.dropping(server.create(base.template)) as database:
        try:
            base_schema = _look(database)
            runner.upgrade(database, revision)
            schema = _look(database)
            return Meeting(revision, schema, base_schema, run_watched_tests(workspace, runner, database))
        except MigrationError as error:
            return Meeting(revision, reason="its revisions do not run beside the old code", error=str(error))


def run_watched_tests(workspace: Workspace, runner: AlembicRunner, database: Database) -> TestReport:
    """The tests, each of which tells the schemas that it met."""
    variables = find_url_variables(workspace.tree.path, runner.project, workspace.config)
    values = render_url_values(variables, database.url(), workspace.environment.root)
    folder = _install_plugin(workspace)
    python_path = workspace.config.env.get("PYTHONPATH") or workspace.python_path
    options = values.get("PYTEST_ADDOPTS") or workspace.config.env.get("PYTEST_ADDOPTS", "")
    env = {
        **values,
        "PYTHONPATH": f"{folder}:{python_path}",
        "PYTEST_ADDOPTS": f"-p {_PLUGIN} {options}".strip(),
        _VARIABLE: json.dumps({"query": QUERY, "property": SCHEMA_PROPERTY}),
    }
    return run_tests(workspace, database, env, readable=[folder])


def _look(database: Database) -> str:
    with database.connect() as connection:
        return read_fingerprint(connection)


def _install_plugin(workspace: Workspace) -> Path:
    """A folder with the plugin that the sandbox can read, and not write."""
    folder = workspace.scratch_dir.with_name("pytest-plugin")
    folder.mkdir(exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("plugin.py"), folder / f"{_PLUGIN}.py")
    return folder
