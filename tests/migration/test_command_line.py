"""The commands that a pull request tells: run by a real shell at the repository's root, they find the history."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import AlembicConfig, RepositoryConfig
from bot.migration.command_line import render_command
from bot.migration.project import find_project
from tests.migration.projects import FIRST, INI, write_files

TOML = '[tool.alembic]\nscript_location = "%(here)s/db"\n'
# The config file, its text, the scripts, the config's name and section where they are told, the command.
LAYOUTS: Mapping[str, tuple[str, str, str, AlembicConfig, str]] = {
    "at the root": ("alembic.ini", INI, "migrations", AlembicConfig(), "alembic heads"),
    "in a folder of its own": (
        "back end/alembic.ini",
        INI,
        "back end/migrations",
        AlembicConfig(),
        "cd 'back end' && ",
    ),
    "in a folder, meant from the root": (
        "backend/alembic.ini",
        INI.replace("= migrations", "= backend/db"),
        "backend/db",
        AlembicConfig(),
        "alembic -c backend/alembic.ini heads",
    ),
    "another name": (
        "db/orders.ini",
        INI,
        "db/migrations",
        AlembicConfig(config="db/orders.ini"),
        "cd db && alembic -c orders.ini heads",
    ),
    "another section": (
        "alembic.ini",
        INI.replace("[alembic]", "[orders]"),
        "migrations",
        AlembicConfig(name="orders"),
        "alembic -n orders heads",
    ),
    "pyproject.toml": ("api/pyproject.toml", TOML, "api/db", AlembicConfig(), "cd api && alembic heads"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_command_finds_the_history(name: str, tmp_path: Path) -> None:
    config_file, text, scripts, alembic, expected = LAYOUTS[name]
    files = {config_file: text, f"{scripts}/env.py": "", f"{scripts}/versions/a1_first.py": FIRST}
    project = find_project(write_files(tmp_path, files), RepositoryConfig(alembic=alembic))
    command = render_command(project, "heads")
    assert command.startswith(expected)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    found = subprocess.run(command, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert found.stdout.startswith("a1 (head)"), found.stderr


@pytest.mark.parametrize(
    ("folder", "command"),
    [("migrations", "flask db downgrade a1"), ("shop/db", "cd shop && flask db downgrade -d db a1")],
)
def test_flask_runs_what_is_set_up_for_flask(folder: str, command: str, tmp_path: Path) -> None:
    files = {f"{folder}/alembic.ini": "[alembic]\n", f"{folder}/env.py": "", f"{folder}/versions/a1.py": FIRST}
    project = find_project(write_files(tmp_path, files), RepositoryConfig())
    assert render_command(project, "downgrade", "a1") == command


def test_without_a_set_up_the_command_is_the_plain_one() -> None:
    assert render_command(None, "upgrade", "it's") == """alembic upgrade 'it'"'"'s'"""
