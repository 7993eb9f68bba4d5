"""What the new revisions take away, and where code still names it."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.migration.code_files import CodeFile
from bot.migration.code_search import Use
from bot.migration.code_uses import find_column_uses, find_table_uses
from bot.migration.enum_uses import find_value_uses
from bot.migration.finding import flatten
from bot.migration.lint_context import LintContext
from bot.migration.python_layout import quote_string
from bot.schema.change import Change
from bot.schema.model import Enum, Schema

MIN_RARE_LENGTH = 4
_COMMON = (
    frozenset(dir(str))
    | frozenset(dir(dict))
    | frozenset(dir(list))
    | frozenset(dir(datetime))
    | frozenset(dir(builtins))
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """A table or view, a column, or a value of an enumerated type (with its other values, and the type's columns)."""

    title: str
    names: tuple[str, ...]
    example: str
    table: str = ""
    column: str = ""
    value: str = ""
    others: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    is_rare: bool = False


def list_dropped(context: LintContext) -> tuple[Dropped, ...]:
    """Tables, views, columns and enum values that are there before and not after; what is renamed is among them."""
    before = context.before
    if before is None:
        return ()
    return tuple(item for change in context.changes for item in _read(before, context.after, change))


def find_uses(files: Collection[CodeFile], item: Dropped) -> tuple[Use, ...]:
    """Where the code names it, sure uses first."""
    if item.value:
        return find_value_uses(files, item.value, item.others, item.columns)
    if item.column:
        return find_column_uses(files, item.table, item.column, is_rare=item.is_rare)
    return find_table_uses(files, item.table)


def _read(before: Schema, after: Schema | None, change: Change) -> Iterator[Dropped]:
    if change.kind == "table" and change.action == "drop":
        yield Dropped(
            f"table {flatten(change.name)}",
            (change.name,),
            f"op.drop_table({quote_string(change.name)})",
            table=change.name,
        )
    elif change.kind == "view" and change.action == "drop":
        yield Dropped(f"view {flatten(change.name)}", (change.name,), "# DROP VIEW", table=change.name)
    elif change.kind == "column" and change.action == "drop" and change.table:
        yield Dropped(
            f"column {flatten(f'{change.table}.{change.name}')}",
            (change.table, change.name),
            f"op.drop_column({quote_string(change.table)}, {quote_string(change.name)})",
            table=change.table,
            column=change.name,
            is_rare=_is_rare(before, change.table, change.name),
        )
    elif change.kind == "enum" and isinstance(change.before, Enum):
        yield from _read_values(before, change, change.before)


def _read_values(before: Schema, change: Change, enum: Enum) -> Iterator[Dropped]:
    kept = change.after.values if isinstance(change.after, Enum) else ()
    columns = tuple({c.name for t in before.tables for c in t.columns if c.type.split(".")[-1] == enum.name})
    if change.action == "drop" and not columns:
        return
    for value in enum.values:
        if value not in kept:
            others = tuple(other for other in enum.values if other != value)
            yield Dropped(
                f"value {value!r} of the type {flatten(enum.name)}",
                (enum.name, value),
                f"# a type {flatten(enum.name)} without {value!r}, for columns that do not hold it any more",
                value=value,
                others=others,
                columns=columns,
            )


def _is_rare(before: Schema, table: str, column: str) -> bool:
    """Whether the name says enough by itself: no other table has such a column, and Python has no such attribute."""
    elsewhere = any(c.name == column for t in before.tables if t.name != table for c in t.columns)
    return not elsewhere and column not in _COMMON and len(column) >= MIN_RARE_LENGTH
