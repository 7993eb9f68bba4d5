"""What the new revisions add, as the catalog shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.migration.lint_context import LintContext
from bot.schema.model import Column, ForeignKey, Table
from bot.schema.part_words import render_name


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column that is new or has a new type. `table` is the table as it is afterwards."""

    table: Table
    column: Column

    @property
    def name(self) -> str:
        """The column as people write it: `orders.total`."""
        return f"{render_name(self.table.schema, self.table.name)}.{self.column.name}"


def list_new_columns(context: LintContext) -> Iterator[NewColumn]:
    """Columns of new tables, new columns of old ones, and columns whose type changes."""
    for change in context.changes:
        if change.kind == "table" and change.action == "add" and isinstance(change.after, Table):
            yield from (NewColumn(change.after, column) for column in change.after.columns)
        elif change.kind == "column" and isinstance(change.after, Column):
            table = find_owner(context, change.schema, change.table)
            same = isinstance(change.before, Column) and change.before.type == change.after.type
            if table is not None and not same:
                yield NewColumn(table, change.after)


def list_new_tables(context: LintContext) -> Iterator[Table]:
    """The tables that are new; a partition is none of its own."""
    for change in context.changes:
        if change.kind == "table" and change.action == "add" and isinstance(change.after, Table):
            if (change.after.partition or "").startswith("PARTITION OF"):
                continue
            yield change.after


def list_new_foreign_keys(context: LintContext) -> Iterator[tuple[Table, ForeignKey]]:
    """Foreign keys of new tables, and new ones of old tables."""
    for change in context.changes:
        if change.kind == "table" and change.action == "add" and isinstance(change.after, Table):
            yield from ((change.after, key) for key in change.after.foreign_keys)
        elif change.kind == "foreign_key" and change.action == "add" and isinstance(change.after, ForeignKey):
            table = find_owner(context, change.schema, change.table)
            if table is not None:
                yield table, change.after


def find_owner(context: LintContext, schema: str, table: str | None) -> Table | None:
    """A table as it is after the upgrade."""
    if context.after is None or table is None:
        return None
    return context.after.find_table(table, schema)


def schema_argument(table: Table) -> str:
    """What an operation needs to find the table: `, schema="audit"`, or nothing."""
    return "" if table.schema in ("public", "main") else f", schema={table.schema!r}"
