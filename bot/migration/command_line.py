"""The commands that people type to run a repository's Alembic, from the repository's root."""

from __future__ import annotations

import os.path
import shlex
from pathlib import Path

from bot.migration.project import AlembicProject

_FOUND_BY_ITSELF = ("alembic.ini", "pyproject.toml")


def render_command(project: AlembicProject | None, *arguments: str) -> str:
    """`alembic ARGUMENTS` with the folder that it must be run in and the options that name its config.

    None stands for a set-up that Alembic finds by itself. Flask-Migrate's is run by Flask, which its env.py needs.
    """
    if project is None:
        return shlex.join(["alembic", *arguments])
    command = _render_flask(project, arguments) if project.is_flask else _render_alembic(project, arguments)
    return command if project.directory == Path() else f"cd {shlex.quote(str(project.directory))} && {command}"


def _render_alembic(project: AlembicProject, arguments: tuple[str, ...]) -> str:
    config = os.path.relpath(project.config_file, project.directory)
    options = [] if config in _FOUND_BY_ITSELF else ["-c", config]
    options += ["-n", project.section] if project.section != "alembic" else []
    return shlex.join(["alembic", *options, *arguments])


def _render_flask(project: AlembicProject, arguments: tuple[str, ...]) -> str:
    """https://flask-migrate.readthedocs.io/en/latest/#command-reference; its base is `base`, too."""
    folder = os.path.relpath(project.config_file.parent, project.directory)
    action, *rest = arguments
    return shlex.join(["flask", "db", action, *([] if folder == "migrations" else ["-d", folder]), *rest])
