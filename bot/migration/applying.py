"""Some of the changes between two schemas carried out on the value, so that there can be steps in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.schema.change import Change
from bot.schema.model import Other, Schema, Table

_OBJECTS = {
    "domain": "domains",
    "enum": "enums",
    "sequence": "sequences",
    "function": "functions",
    "view": "views",
    "table": "tables",
}
_PARTS = {
    "column": "columns",
    "unique": "uniques",
    "check": "checks",
    "exclusion": "exclusions",
    "foreign_key": "foreign_keys",
    "index": "indexes",
    "trigger": "triggers",
}


def apply_changes(schema: Schema, changes: Iterable[Change]) -> Schema:
    """The schema with these changes made and no others. The order of columns is left as it falls."""
    for change in changes:
        schema = _apply(schema, change)
    return schema


def _apply(schema: Schema, change: Change) -> Schema:
    if change.kind == "other":
        return replace(schema, others=_swap_other(schema, change))
    if change.table is not None:
        names = _list_with_heirs(schema, change) if change.kind == "column" else {(change.schema, change.table)}
        tables = tuple(
            _apply_to_table(table, change) if (table.schema, table.name) in names else table for table in schema.tables
        )
        return replace(schema, tables=tables)
    if change.kind == "schema":
        return replace(schema, schemas=_swap_names(schema.schemas, change))
    if change.kind == "extension":
        return replace(schema, extensions=_swap_extension(schema.extensions, change))
    if change.kind == "table" and change.action == "alter":
        return replace(schema, tables=tuple(_apply_to_itself(table, change) for table in schema.tables))
    field = _OBJECTS[change.kind]
    key = (change.schema, change.name)
    kept = [item for item in getattr(schema, field) if (item.schema, item.name) != key]
    items: dict[str, Any] = {field: _sorted([*kept, *_given(change.after)])}
    return replace(schema, **items)


def _list_with_heirs(schema: Schema, change: Change) -> set[tuple[str, str]]:
    """The table and those that inherit its columns; a difference names the parent only."""
    names = {(change.schema, change.table or "")}
    while True:
        more = {(table.schema, table.name) for table in schema.tables if set(table.parents) & names} - names
        if not more:
            return names
        names |= more


def _apply_to_itself(table: Table, change: Change) -> Table:
    if (table.schema, table.name) != (change.schema, change.name) or not isinstance(change.after, Table):
        return table
    own = change.after
    return replace(table, comment=own.comment, partition=own.partition, parents=own.parents, options=own.options)


def _apply_to_table(table: Table, change: Change) -> Table:
    if change.kind == "column_order":
        return table
    if change.kind == "primary_key":
        key: Any = change.after
        return replace(table, primary_key=key)
    field = _PARTS[change.kind]
    items: list[Any] = list(getattr(table, field))
    place = next((place for place, item in enumerate(items) if item.name == change.name), len(items))
    items[place : place + 1] = _given(change.after)
    if field != "columns":
        items.sort(key=lambda item: (item.name or "", repr(item)))
    content: dict[str, Any] = {field: tuple(items)}
    return replace(table, **content)


def _swap_names(names: tuple[str, ...], change: Change) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name != change.name} | {str(name) for name in _given(change.after)}))


def _swap_extension(extensions: tuple[tuple[str, str], ...], change: Change) -> tuple[tuple[str, str], ...]:
    kept = [(name, version) for name, version in extensions if name != change.name]
    return tuple(sorted([*kept, *((change.name, str(version)) for version in _given(change.after))]))


def _swap_other(schema: Schema, change: Change) -> tuple[Other, ...]:
    item: Any = change.after or change.before
    key = (item.kind, item.schema, item.table, item.name)
    kept = [other for other in schema.others if (other.kind, other.schema, other.table, other.name) != key]
    return tuple(sorted([*kept, *_given(change.after)], key=lambda o: (o.schema, o.name, o.kind, o.table or "")))


def _given(value: Any) -> list[Any]:
    return [] if value is None else [value]


def _sorted(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(items, key=lambda item: (item.schema, item.name)))
