"""What columns and constraints must fulfil in whatever notation: each piece is the SQL that it should be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bot.spec.entities.inline_enums import is_inline_enum
from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec, ConstraintSpec
from bot.spec.names import find_nearest, is_name, quote_name, read_name
from bot.spec.open_words import is_open, is_open_type
from bot.spec.sql.text import (
    NotSql,
    check_exclusion,
    check_expression,
    check_index_key,
    check_type,
    is_bare_word,
    split_reference,
)

MAX_PIECE = 2000
ACTIONS = ("cascade", "restrict", "set null", "set default", "no action")
METHODS = ("btree", "hash", "gin", "gist", "spgist", "brin", "hnsw", "ivfflat", "bloom", "rum")

# Types that people write and Postgres does not know; each means exactly one that it does (docs/spec-format.md).
TYPE_NAMES = {
    "string": "text",
    "str": "text",
    "datetime": "timestamp with time zone",
    "double": "double precision",
    "blob": "bytea",
    "binary": "bytea",
    "tinyint": "smallint",
    "guid": "uuid",
    "long": "bigint",
}


def check_column(column: ColumnSpec, problems: Problems) -> ColumnSpec:
    """The column with types and references in their usual spelling; what is wrong is reported with its line."""
    check = _Checker(column.line, problems)
    if column.type is not None:
        column = replace(column, type=check.type(column.type))
    if column.default is not None and column.default.strip().lower() == "null":
        column = replace(column, default=None)  # what a column without a default gives
    if column.default is not None and check.run(check_expression, column.default, "an SQL expression"):
        _check_default(column.default, column.line, problems)
    for text in (column.check, column.generated):
        check.run(check_expression, text, "an SQL expression")
    _check_contradictions(column, problems)
    return replace(
        column, references=check.reference(column.references), on_delete=check.action(column.on_delete, "on_delete")
    )


def check_constraint(constraint: ConstraintSpec, problems: Problems) -> ConstraintSpec:
    """The same of a constraint or an index."""
    check = _Checker(constraint.line, problems)
    run = check_exclusion if constraint.kind == "exclusion" else check_expression
    check.run(run, constraint.expression, "an SQL expression")
    if constraint.kind == "index":
        for key in constraint.columns:
            if not is_name(key):
                check.run(check_index_key, key, "a column, or an expression such as lower(email)")
    if constraint.method is not None and constraint.method not in METHODS:
        problems.report(constraint.line, f"`{constraint.method}` is no index method", ", ".join(METHODS[:6]))
    return replace(
        constraint,
        references=check.reference(constraint.references),
        on_delete=check.action(constraint.on_delete, "on_delete"),
        on_update=check.action(constraint.on_update, "on_update"),
    )


def read_index_key(text: str, line: int, problems: Problems) -> str | None:
    """A key of an index as SQL has it: a name folded, an expression as it is."""
    if not is_name(text):
        return text
    name = read_name(text, line, problems, "column")
    return quote_name(name) if name is not None else None


class _Checker:
    def __init__(self, line: int, problems: Problems) -> None:
        self.line, self.problems = line, problems

    def run(self, check: Callable[[str], str], text: str | None, expected: str) -> bool:
        """Whether it is right; what is missing or open is not wrong."""
        if text is None or is_open(text):
            return False
        if len(text) > MAX_PIECE:
            self.problems.report(self.line, f"`{text[:40]}…` is too long", f"at most {MAX_PIECE} characters")
            return False
        try:
            check(text)
        except NotSql as error:
            self.problems.report(self.line, str(error), expected)
            return False
        return True

    def type(self, text: str) -> str:
        """The type in Postgres' words."""
        known = TYPE_NAMES.get(text.lower())
        if known is None and not is_inline_enum(text) and not is_open_type(text):
            self.run(check_type, text, "a type such as integer, bigint, varchar(50), numeric(10, 2), timestamptz")
        return known or text

    def reference(self, text: str | None) -> str | None:
        """`orders(id)` with its names folded."""
        if text is None or is_open(text):
            return text
        try:
            table, columns = split_reference(re.sub(r"^([\w.]+)\.(\w+)$", r"\1(\2)", text) if "(" not in text else text)
        except NotSql as error:
            self.problems.report(self.line, str(error), "a table and its column, such as `orders(id)`")
            return text
        name = read_name(table, self.line, self.problems, "table", qualified=True)
        names = [read_name(column, self.line, self.problems, "column") for column in columns]
        inner = ", ".join(quote_name(column) for column in names if column)
        return f"{quote_name(name)}({inner})" if name and inner else name and quote_name(name)

    def action(self, text: str | None, key: str) -> str | None:
        """`SET_NULL` and the like as "set null"."""
        if text is None or is_open(text):
            return text
        action = re.sub(r"[\s_-]+", " ", text.strip()).lower()
        if action not in ACTIONS:
            nearest = find_nearest(action, ACTIONS)
            self.problems.report(
                self.line, f"`{key}` is `{text}`", f"`{nearest}`?" if nearest else f"one of {', '.join(ACTIONS)}"
            )
        return action


def _check_default(text: str, line: int, problems: Problems) -> None:
    if is_bare_word(text):
        problems.report(line, f"the default `{text}` would name a column", f"`'{text}'` in quotes when it is a text")


def _check_contradictions(column: ColumnSpec, problems: Problems) -> None:
    given = column.default is not None
    conflicts = (
        (column.primary_key and column.nullable is True, "is a primary key and nullable", "one of the two"),
        (column.identity and given, "has a default and is an identity", "one of the two"),
        (column.identity and column.nullable is True, "is an identity and nullable", "one of the two"),
        (column.generated is not None and given, "has a default and is generated", "one of the two"),
        (column.generated is not None and column.identity, "is generated and an identity", "one of the two"),
        (column.drop_default and given, "has a default that is dropped", "`default` or `drop_default`"),
        (column.on_delete is not None and column.references is None, "has on_delete without references", "both"),
        (column.drop and column.was is not None, "is renamed and dropped", "one of the two"),
    )
    for holds, message, expected in conflicts:
        if holds:
            problems.report(column.line, f"the column {column.name} {message}", expected)
