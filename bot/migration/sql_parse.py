"""Statements that a revision sent, as syntax trees of Postgres' own parser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pglast

from bot.spec.sql import text

_PLACEHOLDER = re.compile(r"%\(\w+\)s|(?<!%)%s|(?<![:\w]):\w+(?!:)")


MAX_CHARACTERS = 20_000  # `1+1+1+…` of 100 000 characters exhausts the stack of the parser, and kills the process


def clean_statement(sql: str) -> str:
    """The statement with NULL where a parameter stood whose value is not known."""
    return _PLACEHOLDER.sub("NULL", sql).strip().rstrip(";")


@lru_cache(maxsize=256)
def parse_statement(sql: str) -> tuple[Any, ...]:
    """The statements in the text; none when the parser does not take it, or when it is long (rows to insert mostly)."""
    if len(sql) > MAX_CHARACTERS:
        return ()
    for candidate in (sql, clean_statement(sql)):
        try:
            return tuple(raw.stmt for raw in pglast.parse_sql(candidate))
        except (pglast.parser.ParseError, ValueError, RecursionError):
            continue
    return ()


def walk(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    return (found for found, _ in text.walk(node))


def get_name(relation: Any) -> tuple[str | None, str]:
    """Namespace (None: the default one) and name of a table."""
    return relation.schemaname, relation.relname
