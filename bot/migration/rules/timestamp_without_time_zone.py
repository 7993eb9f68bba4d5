"""A column keeps a point in time without its time zone."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import list_new_columns
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string

CODE = "timestamp-without-time-zone"
SEVERITY: Severity = "warning"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new column of type `timestamp`."""
    for new in list_new_columns(context):
        if not new.column.type.startswith("timestamp") or "without time zone" not in new.column.type:
            continue
        place = find_place(context, new.table.name, new.column.name)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"{new.name} has no time zone",
            consequence=(
                "Postgres stores whatever clock the writer's session had and forgets which one it was. Two servers in "
                "different zones, or one in a summer-time night, store times that are hours apart for the same moment, "
                "and nothing tells afterwards."
            ),
            remedy="Use timestamp with time zone: it takes the same 8 bytes and stores the moment itself.",
            example=(
                f"sa.Column({quote_string(new.column.name)}, sa.DateTime(timezone=True), "
                f"nullable={new.column.nullable})\n"
            ),
        )
