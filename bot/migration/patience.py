"""Locks that others would queue behind are waited for briefly, and asked for again.

A statement that waits for a lock holds up everybody who comes after it, readers too: so it gives up soon, lets them
pass and tries again (https://www.postgresql.org/docs/current/explicit-locking.html). It is plain SQL, a subtransaction
that is rolled back gives its locks back, so `alembic upgrade --sql` has it too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from alembic.operations import ops

from bot.migration.renames import Rename
from bot.migration.sql_text import quote_name, quote_qualified
from bot.migration.steps import AlterColumn, SqlOp, Step, sql
from bot.migration.types import split_name
from bot.schema.model import Schema

ATTEMPTS = 5
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
Name = tuple[str, str]
_NAME = r'((?:"(?:[^"]|"")+"|\w+)(?:\.(?:"(?:[^"]|"")+"|\w+))?)'
_ALTERS = re.compile(rf"ALTER TABLE (?:ONLY )?{_NAME}")
_FIRES = re.compile(rf"(?:CREATE|DROP) (?:CONSTRAINT )?TRIGGER [\s\S]*? ON {_NAME}")
_NEEDS_NO_TABLE = (ops.CreateTableCommentOp, ops.DropTableCommentOp, ops.CreateTableOp)


def run_patiently(statements: Sequence[str], lock_timeout_seconds: float, *, autocommit: bool, note: str = "") -> Step:
    """A step that runs the statements together, again and again while their locks are taken by others."""
    body = "\n".join(f"        {statement};" for statement in statements)
    tag = _choose_tag(body)
    text = f"""DO {tag} BEGIN
    FOR attempt IN 1..{ATTEMPTS} LOOP BEGIN
        SET LOCAL lock_timeout = '{round(lock_timeout_seconds * 1000)}ms';
{body}
        RETURN;
    EXCEPTION WHEN lock_not_available THEN
        IF attempt = {ATTEMPTS} THEN RAISE; END IF;
        PERFORM pg_sleep(attempt);
    END; END LOOP;
END {tag}"""
    holds_lines = any("\n" in statement for statement in statements)  # a constant may: then white space counts
    return sql(text, note, autocommit=autocommit, is_verbatim=holds_lines, is_spaced=not holds_lines)


def lock_first(
    steps: Iterable[Step],
    before: Schema,
    renames: Sequence[Rename],
    lock_timeout_seconds: float,
    spared: Collection[Name] = (),
) -> list[Step]:
    """The steps, and before the first that runs in the transaction one that gets the locks which all of them need.

    Nothing is added when only new tables are touched, or those that are `spared`.
    """
    planned = list(steps)
    wanted = _find_locks(planned, before, renames, spared)
    if not wanted:
        return planned
    statements = []
    for mode in (SHARE_ROW_EXCLUSIVE, ACCESS_EXCLUSIVE):
        names = sorted(name for name, needed in wanted.items() if needed == mode)
        if names:
            statements.append(f"LOCK TABLE {', '.join(quote_qualified(*name) for name in names)} IN {mode} MODE")
    place = next(place for place, step in enumerate(planned) if not step.autocommit)
    note = "All locks at once or none, so that nobody queues behind this for long."
    planned.insert(place, run_patiently(statements, lock_timeout_seconds, autocommit=False, note=note))
    return planned


def _find_locks(
    steps: Iterable[Step], before: Schema, renames: Sequence[Rename], spared: Collection[Name]
) -> dict[Name, str]:
    standing = {(table.schema, table.name) for table in before.tables} - set(spared)
    was = {(r.schema, r.after): (r.schema, r.before) for r in renames if r.kind == "table"}
    wanted: dict[Name, str] = {}
    for step in steps:
        if step.autocommit:
            continue
        for name, mode in _list_locks(step.operation):
            found = was.get(name, name)
            if found in standing and wanted.get(found) != ACCESS_EXCLUSIVE:
                wanted[found] = mode
    # A new table that refers to one that stands takes its lock there for a moment only: it stays as it is.
    return wanted if ACCESS_EXCLUSIVE in wanted.values() else {}


def _list_locks(operation: ops.MigrateOperation) -> list[tuple[Name, str]]:
    """Which table the operation locks against writers or readers, as far as its kind tells."""
    if isinstance(operation, SqlOp):
        text = str(operation.sqltext)
        found = [(split_name(match[1]), ACCESS_EXCLUSIVE) for match in _ALTERS.finditer(text)]
        return found + [(split_name(match[1]), SHARE_ROW_EXCLUSIVE) for match in _FIRES.finditer(text)]
    if isinstance(operation, _NEEDS_NO_TABLE):
        return []
    if isinstance(operation, ops.CreateForeignKeyOp):
        source = (operation.kw.get("source_schema") or "public", operation.source_table)
        referred = (operation.kw.get("referent_schema") or "public", operation.referent_table)
        return [(source, SHARE_ROW_EXCLUSIVE), (referred, SHARE_ROW_EXCLUSIVE)]
    if isinstance(operation, AlterColumn) or hasattr(operation, "table_name"):
        table, schema = getattr(operation, "table_name", None), getattr(operation, "schema", None)
        return [((schema or "public", table), ACCESS_EXCLUSIVE)] if table else []
    return []


def _choose_tag(body: str) -> str:
    """A dollar quote that the text does not hold."""
    number = 0
    while f"$do{number or ''}$" in body:
        number += 1
    return f"$do{number or ''}$"


def replace_constraint(schema: str, table: str, name: str, definition: str) -> str:
    """One statement that puts a constraint up whether or not an earlier attempt has done so already."""
    where, quoted = quote_qualified(schema, table), quote_name(name)
    return f"ALTER TABLE {where} DROP CONSTRAINT IF EXISTS {quoted}, ADD CONSTRAINT {quoted} {definition}"
