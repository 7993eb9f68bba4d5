"""A new table counts its rows with 32 bits."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import list_new_tables
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string
from bot.schema.model import Column, Table
from bot.schema.part_words import render_name

CODE = "integer-primary-key"
SEVERITY: Severity = "info"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new table whose key is one integer that the database hands out."""
    for table in list_new_tables(context):
        column = _find_counted_key(table)
        if column is None or column.type not in ("integer", "smallint"):
            continue
        place = find_place(context, table.name, column.name)
        limit = "2 147 483 647" if column.type == "integer" else "32 767"
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"{render_name(table.schema, table.name)}.{column.name} ends at {limit}",
            consequence=(
                "Rolled back inserts and deleted rows use numbers up too. On the day the sequence is through, every "
                "INSERT fails, and a change to bigint rewrites the table and every table that refers to it."
            ),
            remedy="Use bigint for keys of tables that may grow; on a new table it costs four bytes a row.",
            example=f"sa.Column({quote_string(column.name)}, sa.BigInteger(), sa.Identity(), nullable=False)\n",
        )


def _find_counted_key(table: Table) -> Column | None:
    """The key's only column, when its numbers come from a sequence."""
    if table.primary_key is None or len(table.primary_key.columns) != 1:
        return None
    name = table.primary_key.columns[0]
    column = next(column for column in table.columns if column.name == name)
    return column if column.identity or (column.default or "").startswith("nextval(") else None
