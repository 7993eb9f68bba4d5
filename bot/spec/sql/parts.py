"""What no part of a statement may be, wherever in it: reaching out of the database, or into what the server owns."""

from __future__ import annotations

import re
from typing import Any

from pglast import ast

from bot.spec.sql.text import walk

ALLOWED = (
    "CREATE, ALTER, DROP or COMMENT ON of tables, enums, domains, indexes, sequences, views, functions and triggers"
)
_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema"})
_REACHING = re.compile(
    r"pg_(?:read|ls|stat|file|logdir|promote|switch|create|drop|backup|export|replication|reload|rotate|terminate|cancel"
    r"|sleep|advisory|hba|ident|write|log|wal)\w*|lo_(?:import|export)\w*|dblink\w*|set_config|"
    r"(?:query|table|cursor|schema|database)_to_xml\w*|ts_stat|xpath_table|crosstab\w*|connectby",
    re.IGNORECASE,
)


class Refused(Exception):
    """A statement that a spec may not hold; the message says what it is, `expected` what would be right."""

    def __init__(self, message: str, expected: str = ALLOWED) -> None:
        super().__init__(message)
        self.expected = expected


def check_parts(node: Any) -> None:
    """Every node of a statement. Raises `Refused`."""
    for part, _ in walk(node):
        if isinstance(part, ast.RangeVar):
            _check_relation(part)
        elif isinstance(part, ast.FuncCall):
            _check_call(part)
        elif isinstance(part, ast.CreateStmt | ast.IndexStmt | ast.Constraint):
            _check_place(part)


def check_schema(name: str | None) -> None:
    """A namespace that may be written to. Raises `Refused`."""
    if name in _SYSTEM_SCHEMAS or (name or "").startswith("pg_"):
        raise Refused(f"the schema {name} belongs to the server", "a schema of your own")


def _check_relation(relation: Any) -> None:
    check_schema(relation.schemaname)
    if relation.catalogname is not None:
        raise Refused(f"{relation.catalogname} is another database", "a table of this one")
    if relation.relpersistence == "t":
        raise Refused("a temporary table is no part of a data model", "CREATE TABLE")


def _check_call(call: Any) -> None:
    name = call.funcname[-1].sval
    if _REACHING.fullmatch(name):
        raise Refused(f"`{name}` is refused in a data model", "expressions on the columns only")


def _check_place(part: Any) -> None:
    place = {ast.CreateStmt: "tablespacename", ast.IndexStmt: "tableSpace", ast.Constraint: "indexspace"}[type(part)]
    if getattr(part, place) is not None:
        raise Refused("where something is stored is no part of a data model", "the statement without TABLESPACE")
