"""Changes of a column's type that cost nothing, as only the catalog is changed (Postgres, ALTER TABLE, "Notes")."""

from __future__ import annotations

import re

from pglast import ast
from pglast.enums import AlterTableType

from bot.migration.sql_parse import get_name, parse_statement, walk
from bot.schema.model import Schema

_TYPE = re.compile(r"(?P<name>[a-z ]+?)(?:\((?P<one>\d+)(?:,(?P<two>-?\d+))?\))?(?P<rest> with(?:out)? time zone)?")
_TEXTS = ("character varying", "text")
_TIMES = ("timestamp", "time", "interval")


def is_cheap_type_change(before: Schema | None, after: Schema | None, sql: str) -> bool:
    """Whether every type that the statement changes is merely widened. False when that is not known."""
    changed = [pair for node in parse_statement(sql) for pair in _list_changed(node)]
    if before is None or after is None or not changed:
        return False
    return all(_is_cheap(before, after, *where) for where in changed)


def is_widened(old: str, new: str) -> bool:
    """Whether a type only takes more than it did: no row has to be looked at."""
    one, other = _TYPE.fullmatch(old), _TYPE.fullmatch(new)
    if one is None or other is None or one["rest"] != other["rest"]:
        return False
    length, wider = _number(one["one"]), _number(other["one"])
    grows = wider is None or (length is not None and wider >= length)
    if one["name"] in _TEXTS and other["name"] in _TEXTS:
        return grows
    if one["name"] != other["name"]:
        return False
    if one["name"] == "numeric":
        return grows and (wider is None or one["two"] == other["two"])
    return one["name"] in _TIMES and grows


def _list_changed(node: ast.Node) -> list[tuple[str | None, str, str]]:
    """(namespace, table, column); a USING makes it another matter."""
    if not isinstance(node, ast.AlterTableStmt):
        return []
    schema, table = get_name(node.relation)
    commands = [part for part in walk(node) if isinstance(part, ast.AlterTableCmd)]
    types = [command for command in commands if command.subtype == AlterTableType.AT_AlterColumnType]
    if any(getattr(command.def_, "raw_default", None) is not None for command in types):
        return [(schema, table, "")]
    return [(schema, table, command.name or "") for command in types]


def _is_cheap(before: Schema, after: Schema, schema: str | None, table: str, column: str) -> bool:
    types = []
    for side in (before, after):
        found = side.find_table(table, schema)
        types += [part.type for part in (found.columns if found else ()) if part.name == column]
    return len(types) == 2 and is_widened(*types)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
