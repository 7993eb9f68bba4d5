"""Pieces of SQL that a spec holds, checked to be that piece and no more. Postgres' own parser decides (pglast).

That parser recurses: some twenty thousand nested terms end the process. So the number of tokens is limited before it
sees a text (measured: `1+1+…` crashes between 22,000 and 26,000 terms with a stack of 8 MiB).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pglast
from pglast import ast

COMMENTS = ("SQL_COMMENT", "C_COMMENT")
MAX_COMMENTS = 1000  # they nest, and the scanner takes n² steps for n that do not end
MAX_TOKENS = 4000
MAX_DEPTH = 150
_CLAUSES = (
    *("distinctClause", "intoClause", "fromClause", "whereClause", "groupClause", "havingClause", "windowClause"),
    *("valuesLists", "sortClause", "limitOffset", "limitCount", "lockingClause", "withClause", "larg"),
)
_REFERENCE = re.compile(r'\s*((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)\s*(?:\(([^()]*)\))?\s*')


class NotSql(Exception):
    """`offset` is where in the text the parser stopped, None when it does not say."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement's text without the semicolon, and where it begins."""

    sql: str
    offset: int


def split_statements(text: str) -> tuple[Piece, ...]:
    """The statements of a text, by its tokens. Raises `NotSql` when quotes or comments do not end."""
    if text.count("/*") > MAX_COMMENTS:
        raise NotSql("too many comments")
    try:
        slices = pglast.parser.split(text, with_parser=False, only_slices=True)
    except (pglast.parser.ParseError, ValueError) as error:
        raise _explain(error) from error
    return tuple(_cut(text, part) for part in slices)


def _cut(text: str, part: slice) -> Piece:
    """The statement without the comments before it, so that its line is its own."""
    tokens = pglast.parser.scan(text[part])
    start = next((token.start for token in tokens if token.name not in COMMENTS), 0)
    return Piece(text[part.start + start : part.stop], part.start + start)


def parse_statement(sql: str) -> Any:
    """The syntax tree of one statement. Raises `NotSql`."""
    if "\0" in sql:
        raise NotSql("a NUL character is no part of SQL")
    try:
        if len(pglast.parser.scan(sql)) > MAX_TOKENS:
            raise NotSql(f"a statement of more than {MAX_TOKENS} words is too long to be read")
        parsed = pglast.parse_sql(sql)
    except (pglast.parser.ParseError, ValueError) as error:
        raise _explain(error) from error
    if len(parsed) != 1:
        raise NotSql("one statement is expected")
    if any(depth > MAX_DEPTH for _, depth in walk(parsed[0].stmt)):
        raise NotSql("expressions are nested too deep")
    return parsed[0].stmt


def walk(root: Any) -> Iterator[tuple[Any, int]]:
    """Every node of a tree with its depth, in no particular order."""
    waiting: list[tuple[Any, int]] = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, ast.Node):
            yield node, depth
            waiting += [(getattr(node, name), depth + 1) for name in node]
        elif isinstance(node, (tuple, list)):
            waiting += [(item, depth) for item in node]


def check_type(text: str) -> str:
    """The text, when it names a type and nothing else. Raises `NotSql`."""
    message = f"`{text}` is not a column type of Postgres"
    value = _parse_select(f"SELECT NULL::{text}", message).targetList[0].val
    if not (isinstance(value, ast.TypeCast) and isinstance(value.arg, ast.A_Const)):
        raise NotSql(message)
    return text


def check_expression(text: str) -> str:
    """The text, when it is one SQL expression and nothing else. Raises `NotSql`."""
    _parse_select(f"SELECT ({text}\n)", f"`{text}` is not an SQL expression")
    return text


def is_bare_word(text: str) -> bool:
    """Whether an expression is a single name, which no default can be: most likely quotes were forgotten."""
    value = _parse_select(f"SELECT ({text}\n)", "").targetList[0].val
    return isinstance(value, ast.ColumnRef)


def is_constant(text: str) -> bool:
    """Whether an expression gives the same for every row: it calls nothing and names nothing."""
    try:
        nodes = [node for node, _ in walk(_parse_select(f"SELECT ({text}\n)", ""))]
    except NotSql:
        return False
    return not any(isinstance(node, ast.FuncCall | ast.ColumnRef | ast.SQLValueFunction) for node in nodes)


def check_index_key(text: str) -> str:
    """The text, when it is one key of an index: `lower(email)`, `created_at DESC`. Raises `NotSql`."""
    message = f"`{text}` is neither a column nor an expression that can be indexed"
    try:
        node = parse_statement(f"CREATE INDEX ON t ({text}\n)")
    except NotSql as error:
        raise NotSql(message) from error
    plain = isinstance(node, ast.IndexStmt) and len(node.indexParams or ()) == 1
    if not plain or node.whereClause or node.options or node.indexIncludingParams:
        raise NotSql(message)
    return text


def check_exclusion(text: str) -> str:
    """The definition of an exclusion constraint, from `USING` or `(` on. Raises `NotSql`."""
    body = re.sub(r"^\s*EXCLUDE\s*", "", text, flags=re.IGNORECASE)
    message = f"`{text}` is not the definition of an exclusion constraint"
    try:
        node = parse_statement(f"ALTER TABLE t ADD CONSTRAINT c EXCLUDE {body}")
    except NotSql as error:
        raise NotSql(message) from error
    if not isinstance(node, ast.AlterTableStmt) or len(node.cmds or ()) != 1:
        raise NotSql(message)
    return body


def split_reference(text: str) -> tuple[str, tuple[str, ...]]:
    """(table, columns) of `orders(id)` as written, quotes included; no columns means the primary key.

    Raises `NotSql`.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise NotSql(f"`{text}` is not a reference such as orders(id)")
    return match[1], tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())


def _parse_select(sql: str, message: str) -> Any:
    try:
        node = parse_statement(sql)
    except NotSql as error:
        raise NotSql(message) from error
    plain = isinstance(node, ast.SelectStmt) and node.targetList is not None and len(node.targetList) == 1
    if not plain or any(getattr(node, clause, None) for clause in _CLAUSES) or node.targetList[0].name is not None:
        raise NotSql(message)
    return node


def _explain(error: Exception) -> NotSql:
    if isinstance(error, pglast.parser.ParseError):
        message, *rest = error.args
        return NotSql(str(message), rest[0] if rest and isinstance(rest[0], int) else None)
    return NotSql("a character here is no part of SQL")
