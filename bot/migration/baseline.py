"""The base: the schema that the repository's migrations lead to, built once and kept as a template database."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.config import AlembicConfig
from bot.migration.alembic_runner import AlembicRunner, History
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import BrokenAlembic, MultipleHeads
from bot.migration.imports import find_imported_files
from bot.migration.project import AlembicProject
from bot.schema.codec import from_json, to_json
from bot.schema.model import Schema
from bot.workspace.databases import Database
from bot.workspace.workspace import Workspace

KEY_VERSION = "4"  # of what is kept, the schema as JSON in it
DATA_SUFFIXES = frozenset({".sql", ".csv"})
SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", ".git"})


@dataclass(frozen=True, slots=True)
class Base:
    """`template` is the name of the template database, `revision` the head to stand on (None: there is no revision).

    `merged` are the heads that a merge revision is to join first, `revision` the first of them; mostly there are none.
    """

    template: str
    revision: str | None
    schema: Schema
    merged: tuple[str, ...] = ()

    @property
    def below(self) -> str | tuple[str, ...] | None:
        """What the next revision stands on."""
        return self.merged or self.revision


def ensure_base(workspace: Workspace, runner: AlembicRunner) -> Base:
    """The base of the workspace's tree; history is replayed only when nothing that it depends on was seen before.

    Raises `MultipleHeads`, or `MigrationFailed` when the history cannot be upgraded from nothing.
    """

    def build(database: Database) -> str:
        heads = find_heads(runner.history(), workspace.config.alembic)
        _create_schemas(database, workspace.config.database.schemas)
        if heads:
            runner.upgrade(database)
        with database.connect() as connection:
            return json.dumps({"heads": heads, "schema": to_json(take_snapshot(connection))})

    template = workspace.server.ensure_template(get_key(workspace, runner.project), build)
    noted = json.loads(workspace.server.get_note(template))
    heads = tuple(noted["heads"])
    return Base(template, next(iter(heads), None), from_json(noted["schema"]), heads if len(heads) > 1 else ())


def ensure_schema(workspace: Workspace, runner: AlembicRunner, revisions: Sequence[str]) -> Schema:
    """The schema that these revisions lead to (none: an empty one), from the cache where nothing has changed.

    Several are heads or branches. Raises `MigrationFailed`.
    """

    def build(database: Database) -> str:
        _create_schemas(database, workspace.config.database.schemas)
        for revision in revisions:
            runner.upgrade(database, revision)
        with database.connect() as connection:
            return json.dumps(to_json(take_snapshot(connection)))

    facts = json.dumps(["schema", get_key(workspace, runner.project), sorted(revisions)])
    template = workspace.server.ensure_template(hashlib.sha256(facts.encode()).hexdigest(), build)
    return from_json(json.loads(workspace.server.get_note(template)))


def find_heads(history: History, config: AlembicConfig) -> tuple[str, ...]:
    """The head that new revisions stand on, all of them when they are to be merged.

    Raises `MultipleHeads` when the config does not say what is to be done, `BrokenAlembic` when it names no head.
    """
    labels = {item.revision: item.branch_labels for item in history.revisions if item.revision in history.heads}
    if config.branch is not None:
        named = tuple(head for head in history.heads if config.branch in labels[head])
        if len(named) != 1:
            known = ", ".join(sorted({label for some in labels.values() for label in some})) or "none"
            raise BrokenAlembic(
                f"`alembic.branch` names {config.branch!r}, which {len(named)} heads carry; the labels are: {known}"
            )
        return named
    if len(history.heads) > 1 and not config.merge_heads:
        raise MultipleHeads(history.heads, labels)
    return history.heads


def _create_schemas(database: Database, names: Sequence[str]) -> None:
    if not names:
        return
    with database.connect() as connection, connection.begin():
        for name in names:
            connection.execute(sa.schema.CreateSchema(name, if_not_exists=True))


def get_key(workspace: Workspace, project: AlembicProject) -> str:
    """A digest of all that the result of the history depends on.

    These are the revisions and every module of the repository that a revision imports, whatever else lies beside them
    and beside env.py, Alembic's config, files of SQL and CSV wherever they lie, the installed environment and the
    variables of the repository's config. Models count when a revision imports them; that env.py does so for
    autogenerate changes nothing in the database, and would have every change of a model replay the history.
    """
    tree = workspace.tree.path
    config, alembic = workspace.config, workspace.config.alembic
    facts: list[object] = [KEY_VERSION, workspace.environment.key, project.section, sorted(config.env.items())]
    facts += [project.database, config.database.schemas, sorted(alembic.x.items()), alembic.branch, alembic.merge_heads]
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
