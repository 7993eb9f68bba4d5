"""One transaction changes a table's structure and many rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.migration.alembic_runner import RanStatement
from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.places import find_statement_place
from bot.migration.sql_parse import parse_statement
from bot.migration.transactions import list_transactions
from bot.migration.written_tables import copies_rows, is_bounded, list_altered, list_writes
from bot.schema.model import Schema

CODE = "schema-and-data"
SEVERITY: Severity = "warning"
EXAMPLE = """\
# revision 1: the structure only; it holds its lock for a moment
op.add_column("orders", sa.Column("currency", sa.String(length=3), nullable=True))

# revision 2, deployed afterwards: the rows, in batches, each in a transaction of its own
BATCH = "UPDATE orders SET currency = 'EUR' WHERE id IN (SELECT id FROM orders WHERE currency IS NULL LIMIT 5000)"

with op.get_context().autocommit_block():
    while op.get_bind().execute(sa.text(BATCH)).rowcount:
        pass
"""


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each statement that changes many rows in a transaction that alters a table of the base schema."""
    if context.before is None:
        return
    for transaction in list_transactions(context):
        altered = sorted({name for statement in transaction for name in _list_altered(context.before, statement)})
        if not altered:
            continue
        for statement in transaction:
            if _changes_rows(context.before, statement):
                yield _make_finding(context, statement, altered)


def _make_finding(context: LintContext, statement: RanStatement, altered: list[str]) -> Finding:
    place = find_statement_place(context, statement)
    return Finding(
        code=CODE,
        severity=SEVERITY,
        path=place.path,
        line=place.line,
        title=f"Rows are changed in the transaction that alters {', '.join(altered)}",
        consequence=(
            "ALTER TABLE takes a lock that stops every read and write of the table, and a lock is held until the "
            "transaction ends: the application stands still for as long as the rows take, not for a moment."
        ),
        remedy="Split it in two revisions: the structure in one, the rows in the next.",
        example=EXAMPLE,
    )


def _list_altered(schema: Schema, statement: RanStatement) -> Iterator[str]:
    for node in parse_statement(statement.sql):
        yield from (table for namespace, table in list_altered(node) if schema.find_table(table, namespace))


def _changes_rows(schema: Schema, statement: RanStatement) -> bool:
    for node in parse_statement(statement.sql):
        if copies_rows(node):
            return True
        for write in list_writes(node):
            table = schema.find_table(write.table, write.schema)
            if table is not None and not is_bounded(write, table):
                return True
    return False
