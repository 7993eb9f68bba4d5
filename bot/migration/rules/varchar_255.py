"""A text column is limited to 255 characters, by habit."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import list_new_columns
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string

CODE = "varchar-255"
SEVERITY: Severity = "info"
_TYPES = frozenset({"character varying(255)", "character varying(256)"})


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new column of type varchar(255) or varchar(256)."""
    for new in list_new_columns(context):
        if new.column.type not in _TYPES:
            continue
        place = find_place(context, new.table.name, new.column.name)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"{new.name} is limited to 255 characters",
            consequence=(
                "Postgres gains nothing from the number: it stores a short text the same way in both types. The 256th "
                "character is an error in production that no one had in mind."
            ),
            remedy="Use text; where a limit is a rule of the domain, choose its number, and say it in a check.",
            example=f"sa.Column({quote_string(new.column.name)}, sa.Text(), nullable={new.column.nullable})\n",
        )
