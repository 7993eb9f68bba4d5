"""The structure of a live database: its schema and where it stands, read from its catalog or from a file made there.

The one table whose rows are read is Alembic's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.drift.item import Comparison
from bot.drift.revisions import Position
from bot.live.session import LiveUnavailable, open_live
from bot.migration.bookkeeping import hide_bookkeeping, is_version_table
from bot.migration.sql_text import quote_name
from bot.schema.codec import from_json, to_json
from bot.schema.model import Schema, Table
from bot.schema.snapshot import snapshot

FORMAT = 1
MAX_FILE_BYTES = 200_000_000


class BadSnapshot(Exception):
    """A file is no snapshot that can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class VersionTable:
    """A table of Alembic's, and the revisions that stand in it."""

    schema: str
    name: str
    revisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """`schema` is without the version tables, and without what a revision put aside."""

    server_version: str
    schema: Schema
    versions: tuple[VersionTable, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever made in the database."""
        return not (self.schema.tables or self.schema.views or self.versions)

    def find_versions(self, known: frozenset[str]) -> VersionTable | None:
        """The version table of the history with these revisions; several histories may share a database."""
        ours = [table for table in self.versions if known & set(table.revisions)]
        usual = [table for table in self.versions if table.name == "alembic_version"]
        return next(iter((*ours, *usual, *self.versions)), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an environment could not be compared; `kind` is a word for programs."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Environment:
    """What was found of a live database: a failure, or a comparison; `position` is None without a version table.

    `fingerprint` is that of its schema.
    """

    name: str
    failure: Failure | None = None
    comparison: Comparison | None = None
    position: Position | None = None
    server_version: str = ""
    fingerprint: str = ""


def read_live(url: str, timeout_seconds: float) -> Structure:
    """The structure of the database behind the URL. Raises `LiveUnavailable`."""
    with open_live(url, timeout_seconds) as connection:
        return read_structure(connection)


def read_structure(connection: sa.Connection) -> Structure:
    """The structure of the connected database. Raises `LiveUnavailable` when its version table may not be read."""
    found = snapshot(connection, exclude=())
    tables = [table for table in found.tables if is_version_table(table)]
    versions = tuple(_read_versions(connection, table) for table in tables)
    return Structure(_read_server_version(connection), hide_bookkeeping(found), versions)


def _read_server_version(connection: sa.Connection) -> str:
    if connection.dialect.name == "postgresql":
        return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"
    return f"SQLite {connection.exec_driver_sql('SELECT sqlite_version()').scalar_one()}"


def _read_versions(connection: sa.Connection, table: Table) -> VersionTable:
    name = f"{quote_name(table.schema)}.{quote_name(table.name)}"
    try:
        rows = connection.exec_driver_sql(f"SELECT version_num FROM {name}").scalars().all()  # noqa: S608 (quoted)
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        message = f"the user may not read {name}; GRANT USAGE on its schema and SELECT on it"
        raise LiveUnavailable("rights", message) from None
    return VersionTable(table.schema, table.name, tuple(sorted(str(row) for row in rows)))


def render_file(structure: Structure) -> str:
    """The structure as a file that `read_file` reads."""
    content = {
        "specwright_snapshot": FORMAT,
        "server_version": structure.server_version,
        "versions": [asdict(table) for table in structure.versions],
        "schema": to_json(structure.schema),
    }
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def read_file(path: Path) -> Structure:
    """The structure from a file of `render_file`'s. Raises `BadSnapshot`."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadSnapshot(f"{path} is larger than a snapshot can be")
        content = path.read_bytes()
    except OSError as error:
        raise BadSnapshot(f"{path} cannot be read: {error.strerror}") from error
    return read_text(content, str(path))


def read_text(content: bytes | str, name: str = "this") -> Structure:
    """The structure from the text of `render_file`'s, which anybody may have written. Raises `BadSnapshot`."""
    try:
        return _read_content(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadSnapshot(f"{name} is no snapshot made by `specwright snapshot` of this version") from error


def _read_content(content: Mapping[str, Any]) -> Structure:
    if content["specwright_snapshot"] != FORMAT:
        raise ValueError("another format")
    versions = (
        VersionTable(str(table["schema"]), str(table["name"]), tuple(map(str, table["revisions"])))
        for table in content["versions"]
    )
    return Structure(str(content["server_version"]), from_json(content["schema"]), tuple(versions))
