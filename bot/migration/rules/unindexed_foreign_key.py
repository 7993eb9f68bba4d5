"""A foreign key has no index that begins with its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import list_new_foreign_keys, schema_argument
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string
from bot.schema.model import ForeignKey, Table
from bot.schema.part_words import render_name

CODE = "unindexed-foreign-key"
SEVERITY: Severity = "warning"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new foreign key that no index, key or unique constraint of its table serves."""
    for table, key in list_new_foreign_keys(context):
        if any(set(columns[: len(key.columns)]) == set(key.columns) for columns in _list_indexed(table)):
            continue
        place = find_place(context, table.name, key.columns[0])
        name = render_name(table.schema, table.name)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"The foreign key {name}.{', '.join(key.columns)} has no index",
            consequence=(
                f"Postgres indexes the referenced side only. Each DELETE in {key.referred_table}, and each change of "
                f"its key, reads the whole of {name} while it holds its lock, and so does every query that joins the "
                "two from that side."
            ),
            remedy="Add an index on the foreign key's columns.",
            example=_render_example(context, table, key),
        )


def _list_indexed(table: Table) -> Iterator[tuple[str, ...]]:
    """The columns of everything that has an index, in its order; a partial one if it only leaves out NULL."""
    if table.primary_key:
        yield table.primary_key.columns
    yield from (unique.columns for unique in table.uniques)
    for index in table.indexes:
        if index.predicate is None or index.predicate.strip("()").endswith("IS NOT NULL"):
            yield tuple(key.column or "" for key in index.keys)


def _render_example(context: LintContext, table: Table, key: ForeignKey) -> str:
    columns = ", ".join(quote_string(column) for column in key.columns)
    name = quote_string(f"ix_{table.name}_{'_'.join(key.columns)}")
    arguments = f"{name}, {quote_string(table.name)}, [{columns}]{schema_argument(table)}"
    if context.before is None or context.before.find_table(table.name, table.schema) is None:
        return f"op.create_index({arguments})\n"
    return (
        f"with op.get_context().autocommit_block():\n    op.create_index({arguments}, postgresql_concurrently=True)\n"
    )
