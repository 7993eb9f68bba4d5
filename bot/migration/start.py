"""Where a proof starts: the base with rows, filled once for all proofs on that base and kept as a template database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from bot.migration.baseline import Base
from bot.migration.contents import Name
from bot.migration.rows import Filling, fill
from bot.migration.rows.own import insert_own_rows, read_own_rows
from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.workspace.databases import Database
from bot.workspace.workspace import Workspace

KEY_VERSION = "2"  # of the rows: another number fills all databases anew
MAX_FILLED_TABLES = 250


@dataclass(frozen=True, slots=True)
class Start:
    """`template` is the name of the template database."""

    template: str
    filling: Filling


def ensure_start(workspace: Workspace, base: Base, target: Schema | None) -> Start:
    """The base with the project's own rows and with generated ones. `target` tells what to fill of a very large schema.

    Raises `UnusableRows`, and `SQLAlchemyError` when the server gives up.
    """
    own = workspace.config.migrations.rows
    text = None if own is None else read_own_rows(workspace.tree.path, own)
    tables = list_tables_to_fill(base.schema, target)

    def build(database: Database) -> str:
        if text is not None:
            with database.connect() as connection, connection.begin():  # what the file sets ends with it
                insert_own_rows(connection, text, own or "")
        with database.connect() as connection, connection.begin():
            return _to_note(fill(connection, base.schema, tables))

    key = _digest(KEY_VERSION, base.template, own, text, tables)
    template = workspace.server.ensure_template(key, build, base.template)
    return Start(template, _from_note(workspace.server.get_note(template)))


def list_tables_to_fill(schema: Schema, target: Schema | None) -> tuple[Name, ...]:
    """All tables of a schema of usual size; of a very large one those that change and those that refer to them."""
    every = {(table.schema, table.name) for table in schema.tables}
    if len(every) <= MAX_FILLED_TABLES or target is None:
        return tuple(sorted(every)[: MAX_FILLED_TABLES * 2])
    changed = {(change.schema, change.table or change.name) for change in diff(schema, target)}
    referring = {
        (table.schema, table.name)
        for table in schema.tables
        if any((key.referred_schema, key.referred_table) in changed for key in table.foreign_keys)
    }
    return tuple(sorted((changed & every) | referring))


def _digest(*facts: object) -> str:
    return hashlib.sha256(json.dumps(("start", *facts)).encode()).hexdigest()


def _to_note(filling: Filling) -> str:
    return json.dumps({"rows": list(filling.rows.items()), "unfilled": filling.unfilled})


def _from_note(note: str) -> Filling:
    noted = json.loads(note)
    rows = {(schema, name): count for (schema, name), count in noted["rows"]}
    return Filling(rows, tuple(((schema, name), reason) for (schema, name), reason in noted["unfilled"]))
