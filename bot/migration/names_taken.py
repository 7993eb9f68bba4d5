"""Names that one thing gives up and another takes, where the one cannot go before the other comes.

A type goes when no column has it any more, a sequence when no default counts with it: long after new tables, types and
indexes are made. So it steps aside first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from bot.migration.names import shorten_name
from bot.migration.rebuilds import Name
from bot.migration.renames import Rename, RenameKind
from bot.schema.model import Schema


class Named(Protocol):
    """An object of a namespace."""

    @property
    def schema(self) -> str: ...

    @property
    def name(self) -> str: ...


def find_names_that_change_hands(before: Schema, after: Schema) -> tuple[Rename, ...]:
    """The renames that make room; other renames are carried out already."""
    types, relations = set(_list_types(after)), set(_list_relations(after))
    free = _Free({*_list_types(before), *_list_relations(before), *types, *relations})
    kept = _list_names(after.enums), _list_names(after.domains), _list_names(after.sequences)
    return (
        *(free.rename("enum", name) for name in _list_names(before.enums) if name not in kept[0] and name in types),
        *(free.rename("domain", name) for name in _list_names(before.domains) if name not in kept[1] and name in types),
        *(
            free.rename("sequence", name)
            for name in _list_names(before.sequences)
            if name not in kept[2] and name in relations
        ),
    )


class _Free:
    """Names that nobody has."""

    def __init__(self, taken: set[Name]) -> None:
        self.taken = taken

    def rename(self, kind: RenameKind, name: Name) -> Rename:
        schema, old = name
        new = shorten_name(f"{old}_old")
        while (schema, new) in self.taken:
            new = shorten_name(f"{new}_old")
        self.taken.add((schema, new))
        return Rename(kind, schema, old, new)


def _list_names(items: Iterable[Named]) -> list[Name]:
    return [(item.schema, item.name) for item in items]


def _list_types(schema: Schema) -> Iterator[Name]:
    """Every table and view is a type, too (pg_type)."""
    for items in (schema.enums, schema.domains, schema.tables, schema.views, schema.others):
        yield from _list_names(items)


def _list_relations(schema: Schema) -> Iterator[Name]:
    """What pg_class holds one name of in a namespace."""
    for items in (schema.sequences, schema.tables, schema.views):
        yield from _list_names(items)
    for view in schema.views:
        yield from ((view.schema, index.name) for index in view.indexes)
    for table in schema.tables:
        names = [part.name for group in (table.indexes, table.uniques, table.exclusions) for part in group]
        names += [table.primary_key.name] if table.primary_key else []
        yield from ((table.schema, name) for name in names if name is not None)
