"""What leads from one schema to another: pure, total, ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from bot.schema.change import Action, Change, Kind
from bot.schema.model import Schema, Table

# The order in which the changes can be carried out: what others need comes first, what others used goes last.
_ADD_ORDER: tuple[Kind, ...] = (
    "schema",
    "extension",
    "domain",
    "enum",
    "sequence",
    "function",
    "table",
    "column",
    "column_order",
    "primary_key",
    "unique",
    "check",
    "exclusion",
    "foreign_key",
    "index",
    "view",
    "trigger",
)
_TABLE_PARTS: tuple[tuple[Kind, str], ...] = (
    ("unique", "uniques"),
    ("check", "checks"),
    ("exclusion", "exclusions"),
    ("foreign_key", "foreign_keys"),
    ("index", "indexes"),
    ("trigger", "triggers"),
)
_OBJECTS: tuple[tuple[Kind, str], ...] = (
    ("domain", "domains"),
    ("enum", "enums"),
    ("sequence", "sequences"),
    ("function", "functions"),
    ("view", "views"),
)


def diff(before: Schema, after: Schema) -> tuple[Change, ...]:
    """Every difference, in an order in which it can be carried out; `diff(a, a) == ()`."""
    changes = chain(
        _diff_names("schema", before.schemas, after.schemas),
        _diff_extensions(before, after),
        *(_diff_objects(kind, getattr(before, field), getattr(after, field)) for kind, field in _OBJECTS),
        _diff_tables(before.tables, after.tables),
    )
    return tuple(sorted(changes, key=_rank))


def material(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that count: without the order of columns."""
    return tuple(change for change in changes if not change.is_cosmetic)


def _rank(change: Change) -> tuple[int, int, str, str, str]:
    position = _ADD_ORDER.index(change.kind)
    parts = position >= _ADD_ORDER.index("primary_key")
    # Constraints, indexes, views and triggers go before what they stand on changes; tables and types go at the end.
    if change.action == "drop":
        phase, place = (0, -position) if parts else (2, -position)
    else:
        phase, place = 1, position
    return phase, place, change.schema, change.table or "", change.name


def _diff_names(kind: Kind, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for name in set(before) ^ set(after):
        old, new = (name, None) if name in before else (None, name)
        yield Change(_action(old, new), kind, name, name, old, new)


def _diff_extensions(before: Schema, after: Schema) -> Iterator[Change]:
    old, new = dict(before.extensions), dict(after.extensions)
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            yield Change(_action(old.get(name), new.get(name)), "extension", "", name, old.get(name), new.get(name))


def _diff_objects(kind: Kind, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Change]:
    for old, new in _pair(before, after, lambda value: (value.schema, value.name)):
        if old != new:
            value = new or old
            yield Change(_action(old, new), kind, value.schema, value.name, old, new)


def _diff_tables(before: Iterable[Table], after: Iterable[Table]) -> Iterator[Change]:
    for old, new in _pair(before, after, lambda table: (table.schema, table.name)):
        if old is None or new is None:
            table = new or old
            yield Change(_action(old, new), "table", table.schema, table.name, old, new)
        elif old != new:
            yield from _diff_table(old, new)


def _diff_table(old: Table, new: Table) -> Iterator[Change]:
    if (old.comment, old.partition) != (new.comment, new.partition):
        yield Change("alter", "table", new.schema, new.name, _bare(old), _bare(new))
    yield from _diff_parts("column", old, new, old.columns, new.columns)
    yield from _diff_column_order(old, new)
    primary = (old.primary_key, new.primary_key)
    yield from _diff_parts("primary_key", old, new, *([key] if key else [] for key in primary))
    for kind, field in _TABLE_PARTS:
        yield from _diff_parts(kind, old, new, getattr(old, field), getattr(new, field))


def _diff_parts(kind: Kind, old: Table, new: Table, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Change]:
    for was, is_now in _pair(before, after, _identify):
        if was != is_now:
            name = (is_now or was).name or ""
            yield Change(_action(was, is_now), kind, new.schema, name, was, is_now, table=new.name)


def _diff_column_order(old: Table, new: Table) -> Iterator[Change]:
    before = tuple(column.name for column in old.columns)
    after = tuple(column.name for column in new.columns)
    common = set(before) & set(after)
    if [name for name in before if name in common] != [name for name in after if name in common]:
        yield Change("alter", "column_order", new.schema, new.name, before, after, table=new.name)


def _identify(part: Any) -> object:
    """A part's name; of an unnamed constraint (SQLite) its content."""
    return part.name if part.name is not None else repr(part)


def _pair(before: Iterable[Any], after: Iterable[Any], key: Callable[[Any], object]) -> Iterator[tuple[Any, Any]]:
    old, new = {key(value): value for value in before}, {key(value): value for value in after}
    for identity in [*old, *(identity for identity in new if identity not in old)]:
        yield old.get(identity), new.get(identity)


def _bare(table: Table) -> Table:
    """The table's own attributes without its parts."""
    empty = dict.fromkeys(("columns", "uniques", "foreign_keys", "checks", "exclusions", "indexes", "triggers"), ())
    return replace(table, primary_key=None, **empty)


def _action(before: object, after: object) -> Action:
    if before is None:
        return "add"
    return "drop" if after is None else "alter"
