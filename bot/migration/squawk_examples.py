"""Examples of squawk's rules that speak of the very statement: its table, columns and names, off its syntax tree."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from string import Template
from typing import Any

from pglast import ast
from pglast.enums import AlterTableType, ConstrType
from pglast.stream import RawStream

from bot.migration.sql_parse import parse_statement

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
# https://www.postgresql.org/docs/current/catalog-pg-constraint.html, confdeltype
_ON_DELETE = {"c": "CASCADE", "d": "SET DEFAULT", "n": "SET NULL", "r": "RESTRICT"}
MAX_CONDITION_CHARACTERS = 200

Part = tuple[str, str]


def render_example(template: str, sql: str) -> str:
    """The template with the statement's own names; "" when it needs one that the statement does not have.

    A name that would have to be quoted gives no example either: what is shown must be good to paste.
    """
    parts: dict[str, str] = {}
    for statement in parse_statement(sql):
        for key, value in _read(statement):
            parts.setdefault(key, value)
    try:
        return Template(template).substitute(parts)
    except KeyError:
        return ""


def _read(node: Any) -> Iterator[Part]:
    reader = _READERS.get(type(node))
    if reader is not None:
        yield from reader(node)


def _plain(key: str, name: str | None) -> Iterator[Part]:
    if name is not None and _PLAIN.fullmatch(name):
        yield key, name


def _names(key: str, names: list[str | None]) -> Iterator[Part]:
    if names and all(name is not None and _PLAIN.fullmatch(name) for name in names):
        yield key, json.dumps(names)


def _strings(nodes: Any) -> list[str | None]:
    return [node.sval for node in nodes or ()]


def _read_table(relation: Any) -> Iterator[Part]:
    if relation is not None and relation.schemaname in (None, "public"):
        yield from _plain("table", relation.relname)


def _read_index(node: Any) -> Iterator[Part]:
    yield from _read_table(node.relation)
    yield from _plain("name", node.idxname)
    if node.accessMethod == "btree" and not node.whereClause and not node.indexIncludingParams:
        yield from _names("columns", [item.name for item in node.indexParams])
    yield "unique", ", unique=True" if node.unique else ""


def _read_drop(node: Any) -> Iterator[Part]:
    names = list(node.objects[0]) if isinstance(node.objects[0], tuple) else []
    yield from _plain("name", names[-1].sval if names else None)


def _read_alter_table(node: Any) -> Iterator[Part]:
    yield from _read_table(node.relation)
    for command in node.cmds:
        if command.subtype == AlterTableType.AT_DetachPartition:
            yield from _plain("partition", command.def_.name.relname)
        yield from _plain("column", command.name)
        if isinstance(command.def_, ast.ColumnDef):
            yield from _plain("column", command.def_.colname)
        elif isinstance(command.def_, ast.Constraint):
            yield from _read_constraint(command.def_)


def _read_constraint(node: Any) -> Iterator[Part]:
    yield from _plain("name", node.conname)
    if node.contype == ConstrType.CONSTR_CHECK:
        yield from _read_condition(node.raw_expr)
    elif node.contype == ConstrType.CONSTR_FOREIGN:
        yield from _names("columns", _strings(node.fk_attrs))
        if node.pktable.schemaname in (None, "public"):
            yield from _plain("referred", node.pktable.relname)
        yield from _names("referred_columns", _strings(node.pk_attrs))
        action = _ON_DELETE.get(node.fk_del_action)
        yield "ondelete", f', ondelete="{action}"' if action else ""
    else:
        yield from _names("columns", _strings(node.keys))


def _read_condition(expression: Any) -> Iterator[Part]:
    text = RawStream()(expression)
    if len(text) <= MAX_CONDITION_CHARACTERS and text.isprintable():
        yield "condition", text.replace("\\", "\\\\").replace('"', '\\"')


def _read_domain(node: Any) -> Iterator[Part]:
    yield from _plain("domain", node.typeName[-1].sval)
    if isinstance(node.def_, ast.Constraint):
        yield from _read_constraint(node.def_)


def _read_reindex(node: Any) -> Iterator[Part]:
    yield from _plain("name", node.relation.relname if node.relation is not None else None)


_READERS: Mapping[type, Callable[[Any], Iterator[Part]]] = {
    ast.IndexStmt: _read_index,
    ast.DropStmt: _read_drop,
    ast.AlterTableStmt: _read_alter_table,
    ast.AlterDomainStmt: _read_domain,
    ast.ReindexStmt: _read_reindex,
}
