"""Constraints and indexes in lines below a Markdown table: `unique (a, b)`, `index on (a) where b > 0`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from pglast import ast
from pglast.enums import ConstrType
from pglast.stream import RawStream

from bot.spec.entities.checks import check_constraint, read_index_key
from bot.spec.entities.notes import split_phrases
from bot.spec.errors import Problems
from bot.spec.model import ConstraintSpec
from bot.spec.names import quote_name
from bot.spec.sql.text import NotSql, parse_statement

_RULE = re.compile(
    r"(?:constraint\s+\S+\s+)?(?:unique|primary key|check|foreign key|exclude)\s*(?:using\b|\()", re.IGNORECASE
)
_INDEX = re.compile(
    r"(?P<unique>unique\s+)?index(?:\s+(?!on\b|\()(?P<name>\w+))?(?:\s+on)?\s*\((?P<keys>.*?)\)"
    r"(?:\s+where\s+(?P<where>.*))?",
    re.IGNORECASE,
)
_ACTIONS = {"c": "cascade", "n": "set null", "d": "set default", "r": "restrict"}
MAX_RULE = 2000


def read_rules(text: str, line: int, problems: Problems) -> Iterator[ConstraintSpec]:
    """One of each line that is a rule; other lines are prose."""
    for number, written in enumerate(text.split("\n"), line):
        rule = written.replace("`", "").strip().rstrip(".;")
        if len(rule) > MAX_RULE:
            continue
        index = _INDEX.fullmatch(rule)
        if index is not None:
            yield check_constraint(_read_index(index, number, problems), problems)
        elif _RULE.match(rule):
            try:
                yield check_constraint(_read_constraint(rule, number), problems)
            except NotSql as error:
                problems.report(number, f"`{rule}` is no constraint: {error}", "such as `unique (first, second)`")


def _read_index(match: re.Match[str], line: int, problems: Problems) -> ConstraintSpec:
    keys = [read_index_key(key, line, problems) for key in split_phrases(match["keys"])]
    return ConstraintSpec(
        "index",
        line,
        match["name"],
        tuple(key for key in keys if key),
        expression=match["where"],
        unique=match["unique"] is not None,
    )


def _read_constraint(text: str, line: int) -> ConstraintSpec:
    node: Any = parse_statement(f"ALTER TABLE t ADD {text}")
    if not isinstance(node, ast.AlterTableStmt) or len(node.cmds or ()) != 1:
        raise NotSql("one constraint is expected")
    item: Any = node.cmds[0].def_  # type: ignore[index]
    if not isinstance(item, ast.Constraint) or item.deferrable or item.skip_validation:
        raise NotSql("only what other notations can say")
    if item.contype == ConstrType.CONSTR_CHECK:
        return ConstraintSpec("check", line, item.conname, expression=_render_expression(item))
    if item.contype == ConstrType.CONSTR_FOREIGN:
        return _read_foreign_key(item, line)
    columns = tuple(key.sval for key in item.keys or ())
    if item.contype == ConstrType.CONSTR_EXCLUSION or not columns:
        raise NotSql("an exclusion is written in `yaml` or `sql`")
    kind: Literal["primary_key", "unique"] = "primary_key" if item.contype == ConstrType.CONSTR_PRIMARY else "unique"
    return ConstraintSpec(kind, line, item.conname, columns)


def _render_expression(constraint: Any) -> str:
    """What a check asks for, in SQL."""
    return str(RawStream()(constraint.raw_expr))


def _read_foreign_key(item: Any, line: int) -> ConstraintSpec:
    table = ".".join(quote_name(part) for part in (item.pktable.schemaname, item.pktable.relname) if part)
    referred = ", ".join(quote_name(part.sval) for part in item.pk_attrs or ())
    return ConstraintSpec(
        "foreign_key",
        line,
        item.conname,
        tuple(part.sval for part in item.fk_attrs or ()),
        references=f"{table}({referred})" if referred else table,
        on_delete=_ACTIONS.get(item.fk_del_action),
        on_update=_ACTIONS.get(item.fk_upd_action),
    )
