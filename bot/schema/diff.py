"""What leads from one schema to another: pure, total, ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain
from typing import Any

from bot.schema.change import Action, Change, Kind
from bot.schema.model import Column, Schema, Table

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
    "other",
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
_BARE: dict[str, Any] = {
    "primary_key": None,
    **dict.fromkeys(("columns", "uniques", "foreign_keys", "checks", "exclusions", "indexes", "triggers"), ()),
}


def diff(before: Schema, after: Schema) -> tuple[Change, ...]:
    """Every difference, in an order in which it can be carried out; `diff(a, a) == ()`."""
    changes = chain(
        _diff_names("schema", before.schemas, after.schemas),
        _diff_extensions(before, after),
        *(_diff_objects(kind, getattr(before, field), getattr(after, field)) for kind, field in _OBJECTS),
        _diff_tables(before.tables, after.tables),
        _diff_others(before, after),
    )
    return tuple(sorted(changes, key=_rank))


def material(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that count: without the order of columns."""
    return tuple(change for change in changes if not change.is_cosmetic)


def _rank(change: Change) -> tuple[int, int, str, str, str]:
    is_type = change.kind == "other" and change.table is None
    position = _ADD_ORDER.index("sequence" if is_type else change.kind)
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


def _diff_others(before: Schema, after: Schema) -> Iterator[Change]:
    for old, new in _pair(
        before.others, after.others, lambda value: (value.kind, value.schema, value.table, value.name)
    ):
        if old != new:
            value = new or old
            yield Change(_action(old, new), "other", value.schema, value.name, old, new, table=value.table)


def _diff_tables(before: Iterable[Table], after: Iterable[Table]) -> Iterator[Change]:
    pairs = list(_pair(before, after, lambda table: (table.schema, table.name)))
    staying = {(new.schema, new.name): (old, new) for old, new in pairs if old is not None and new is not None}
    for old, new in pairs:
        if old is None or new is None:
            table = new or old
            yield Change(_action(old, new), "table", table.schema, table.name, old, new)
        elif old != new:
            parents = [staying[name] for name in new.parents if name in staying and name in old.parents]
            yield from _diff_table(old, new, parents)


def _diff_table(old: Table, new: Table, parents: Sequence[tuple[Table, Table]]) -> Iterator[Change]:
    was, is_now = replace(old, **_BARE), replace(new, **_BARE)
    if was != is_now:
        yield Change("alter", "table", new.schema, new.name, was, is_now)
    for change in _diff_parts("column", old, new, old.columns, new.columns):
        if not any(_is_inherited(change, *parent) for parent in parents):
            yield change
    yield from _diff_column_order(old, new)
    primary = (old.primary_key, new.primary_key)
    yield from _diff_parts("primary_key", old, new, *([key] if key else [] for key in primary))
    for kind, field in _TABLE_PARTS:
        yield from _diff_parts(kind, old, new, getattr(old, field), getattr(new, field))


def _is_inherited(change: Change, old_parent: Table, new_parent: Table) -> bool:
    """Whether the parent's column of that name changes alike, so that the change need not be made of the child."""
    old, new = (_find_column(table, change.name) for table in (old_parent, new_parent))
    was, is_now = change.before, change.after
    if not isinstance(was, Column) or not isinstance(is_now, Column):
        return (
            (was is None) == (old is None) and (is_now is None) == (new is None) and _is_like(was or is_now, old or new)
        )
    return (
        old is not None
        and new is not None
        and all(
            getattr(was, field.name) == getattr(is_now, field.name)
            or (getattr(was, field.name), getattr(is_now, field.name))
            == (getattr(old, field.name), getattr(new, field.name))
            for field in fields(Column)
        )
    )


def _is_like(column: object, parent: Column | None) -> bool:
    """A column of a child never gets the comment of the parent's."""
    return isinstance(column, Column) and parent is not None and replace(parent, comment=column.comment) == column


def _find_column(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)


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


def _action(before: object, after: object) -> Action:
    if before is None:
        return "add"
    return "drop" if after is None else "alter"
