"""A data model as Postgres DDL. Each statement is parsed by Postgres' own parser and must be of an allowed kind."""

from __future__ import annotations

import re

from bot.spec.errors import Problems
from bot.spec.model import DataModel, Statement
from bot.spec.sql.kinds import check_statement
from bot.spec.sql.parts import Refused
from bot.spec.sql.text import NotSql, Piece, parse_statement, split_statements

ALIASES = ("postgres", "postgresql", "pgsql", "psql", "ddl")


def looks_like(text: str) -> bool:
    """A text that begins a statement of DDL."""
    return re.search(r"^\s*(?:create|alter|drop|comment\s+on)\s", text, re.IGNORECASE | re.MULTILINE) is not None


def read(text: str, first_line: int, problems: Problems) -> DataModel:
    """The statements in their order; what is refused or unreadable is reported, each with its line."""
    try:
        pieces = split_statements(text)
    except NotSql as error:
        line = first_line + text.count("\n", 0, error.offset or 0)
        problems.report(line, f"this is not SQL of Postgres: {error}", "DDL of Postgres")
        return DataModel()
    statements: list[Statement] = []
    for piece in pieces:
        statement = _read_statement(text, piece, first_line, problems)
        if statement is not None:
            statements.append(statement)
    return DataModel(statements=tuple(statements))


def _read_statement(text: str, piece: Piece, first_line: int, problems: Problems) -> Statement | None:
    line = first_line + text.count("\n", 0, piece.offset)
    try:
        return Statement(check_statement(parse_statement(piece.sql), piece.sql), line)
    except NotSql as error:
        line += piece.sql.count("\n", 0, error.offset or 0)
        problems.report(line, f"this is not SQL of Postgres: {error}", "DDL of Postgres")
    except Refused as error:
        problems.report(line, str(error), error.expected)
    return None
