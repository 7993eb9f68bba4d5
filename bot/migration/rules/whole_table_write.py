"""An UPDATE or DELETE may touch every row of a table that is there already."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.places import find_statement_place
from bot.migration.python_layout import quote_string
from bot.migration.sql_parse import parse_statement
from bot.migration.written_tables import is_bounded, list_writes
from bot.schema.model import Table
from bot.schema.part_words import render_name

CODE = "whole-table-write"
SEVERITY: Severity = "warning"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each statement without a bound, on a table of the base schema."""
    if context.before is None:
        return
    for statement in context.statements:
        for write in (write for node in parse_statement(statement.sql) for write in list_writes(node)):
            table = context.before.find_table(write.table, write.schema)
            if table is None or is_bounded(write, table):
                continue
            place = find_statement_place(context, statement)
            yield Finding(
                code=CODE,
                severity=SEVERITY,
                path=place.path,
                line=place.line,
                title=f"One {write.verb} for all rows of {render_name(table.schema, table.name)}",
                consequence=(
                    "Every row that it touches is locked until the migration commits: writers wait as long as the "
                    "table is large. Each row is written anew, so the table bloats, replicas fall behind, and an error "
                    "near the end takes all of it back."
                ),
                remedy="Do it in batches by key, each in a transaction of its own, in a revision of its own.",
                example=_render_example(table),
            )


def _render_example(table: Table) -> str:
    key = table.primary_key.columns[0] if table.primary_key else "id"
    name = render_name(table.schema, table.name)
    batch = f"UPDATE {name} SET … WHERE {key} IN (SELECT {key} FROM {name} WHERE … LIMIT 5000)"  # noqa: S608 (to read)
    return (
        f"BATCH = {quote_string(batch)}  # … only rows that are not done yet\n\n"
        "with op.get_context().autocommit_block():\n"
        "    while op.get_bind().execute(sa.text(BATCH)).rowcount:\n"
        "        pass\n"
    )
