"""The base: the schema that the repository's migrations lead to, built once and kept as a template database."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import MultipleHeads
from bot.migration.imports import find_imported_files
from bot.migration.project import AlembicProject
from bot.schema.codec import from_json, to_json
from bot.schema.model import Schema
from bot.workspace.databases import Database
from bot.workspace.workspace import Workspace

KEY_VERSION = "3"  # of what is kept, the schema as JSON in it
DATA_SUFFIXES = frozenset({".sql", ".csv"})
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", ".git"})


@dataclass(frozen=True, slots=True)
class Base:
    """`template` is the name of the template database, `revision` the single head (None: there is no revision)."""

    template: str
    revision: str | None
    schema: Schema


def ensure_base(workspace: Workspace, runner: AlembicRunner) -> Base:
    """The base of the workspace's tree; history is replayed only when nothing that it depends on was seen before.

    Raises `MultipleHeads`, or `MigrationFailed` when the history cannot be upgraded from nothing.
    """

    def build(database: Database) -> str:
        head = _get_head(runner)
        if head is not None:
            runner.upgrade(database, head)
        return json.dumps({"revision": head, "schema": to_json(_look(database))})

    template = workspace.server.ensure_template(get_key(workspace, runner.project), build)
    noted = json.loads(workspace.server.get_note(template))
    return Base(template, noted["revision"], from_json(noted["schema"]))


def ensure_schema(workspace: Workspace, runner: AlembicRunner, revisions: Sequence[str]) -> Schema:
    """The schema that these revisions lead to (none: an empty one), from the cache where nothing has changed.

    Several are heads or branches. Raises `MigrationFailed`.
    """

    def build(database: Database) -> str:
        for revision in revisions:
            runner.upgrade(database, revision)
        return json.dumps(to_json(_look(database)))

    facts = json.dumps(["schema", get_key(workspace, runner.project), sorted(revisions)])
    template = workspace.server.ensure_template(hashlib.sha256(facts.encode()).hexdigest(), build)
    return from_json(json.loads(workspace.server.get_note(template)))


def _get_head(runner: AlembicRunner) -> str | None:
    heads = runner.heads()
    if len(heads) > 1:
        raise MultipleHeads(heads)
    return heads[0] if heads else None


def _look(database: Database) -> Schema:
    engine = database.engine()
    try:
        with engine.connect() as connection:
            return take_snapshot(connection)
    finally:
        engine.dispose()


def get_key(workspace: Workspace, project: AlembicProject) -> str:
    """A digest of all that the result of the history depends on.

    These are the revisions and every module of the repository that a revision imports, whatever else lies beside them
    and beside env.py, Alembic's config, files of SQL and CSV wherever they lie, the installed environment and the
    variables of the repository's config. Models count when a revision imports them; that env.py does so for
    autogenerate changes nothing in the database, and would have every change of a model replay the history.
    """
    tree = workspace.tree.path
    facts = [KEY_VERSION, workspace.environment.key, project.section, sorted(workspace.config.env.items())]
    digest = hashlib.sha256(json.dumps(facts).encode())
    for path in sorted(set(_list_inputs(tree, project))):
        digest.update(f"\0{path.relative_to(tree).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _list_inputs(tree: Path, project: AlembicProject) -> Iterator[Path]:
    versions = [path for location in project.version_locations for path in _list_files(tree / location)]
    yield tree / project.config_file
    yield from _list_files(tree / project.script_location)
    yield from versions
    yield from find_imported_files(tree, [path for path in versions if path.suffix == ".py"])
    yield from (path for path in _list_files(tree) if path.suffix in DATA_SUFFIXES)


def _list_files(folder: Path) -> Iterator[Path]:
    """Regular files, none that is reached by a symbolic link."""
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        paths = (Path(root, name) for name in names)
        yield from (path for path in paths if path.is_file() and not path.is_symlink())
