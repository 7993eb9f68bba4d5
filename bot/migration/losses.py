"""What the way up takes away for good, so that the way back can bring the structure but not the values."""

from __future__ import annotations

from collections.abc import Iterator

from bot.migration.casts import strip_measures
from bot.migration.difference import Difference, compare
from bot.migration.rebuilds import pair_columns
from bot.migration.rewrites import is_rewrite_free
from bot.schema.model import Column, Schema, Table
from bot.schema.part_words import render_name

_GROWING = ("smallint", "integer", "bigint", "numeric")
STOPS = "stop the downgrade."  # how a line ends that tells of rows which are in the way, not of values that go
_EXACT = frozenset({("real", "double precision"), ("date", "timestamp without time zone")})


def find_losses_on_the_way(before: Schema, after: Schema) -> tuple[str, ...]:
    """A line for each thing whose values the upgrade does not keep; renames are carried out already."""
    difference = compare(before, after)
    return tuple(line for part in (_tables, _columns, _enums) for line in part(difference))


def keeps_values(before: str, after: str) -> bool:
    """Whether every value of the one type comes back the same from the other."""
    if is_rewrite_free(before, after):
        return True
    old, new = strip_measures(before), strip_measures(after)
    if after in ("text", "character varying"):
        return not before.endswith("[]") and old != "character"
    if old in _GROWING and new in _GROWING and new == after:
        return before == old and _GROWING.index(new) >= _GROWING.index(old)
    return (before, after) in _EXACT


def name_column_loss(schema: str, table: str, column: str) -> str:
    """The line that says that the values of a column go."""
    where = render_name(schema, table)
    return f"the values of {where}.{column} go with the column."


def _tables(difference: Difference) -> Iterator[str]:
    for table in difference.gone:
        yield f"the rows of {render_name(table.schema, table.name)} go with the table."


def _columns(difference: Difference) -> Iterator[str]:
    for old, new in difference.pairs:
        left = {column.name for column in new.columns}
        for column in old.columns:
            if column.name not in left and column.generated is None:
                yield name_column_loss(new.schema, new.name, column.name)
        for was, column in pair_columns(old, new):
            yield from _changed(new, was, column)


def _changed(table: Table, was: Column, column: Column) -> Iterator[str]:
    where = f"{render_name(table.schema, table.name)}.{column.name}"
    if was.generated is None and column.generated is not None:
        yield f"the values of {where} are replaced by computed ones."
    elif was.type != column.type and not keeps_values(was.type, column.type):
        yield f"values of {where} may come back changed from {column.type} to {was.type}."
    if was.nullable and not column.nullable and column.default is not None:
        yield f"nulls of {where} become the column's default and stay it."


def _enums(difference: Difference) -> Iterator[str]:
    """On the way back values that were added go; rows that have them stop the downgrade, see `remake_types`."""
    old = {(enum.schema, enum.name): enum.values for enum in difference.old.enums}
    for enum in difference.new.enums:
        added = [value for value in enum.values if value not in old.get((enum.schema, enum.name), enum.values)]
        if added:
            yield f"rows that have come to be {' or '.join(map(repr, added))} ({enum.name}) {STOPS}"
