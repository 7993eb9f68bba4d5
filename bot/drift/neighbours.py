"""The part of a schema that a change can concern, so that a statement is planned on few tables, not on thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.schema.change import Change
from bot.schema.model import ForeignKey, Schema, Table

Name = tuple[str, str]
# Of tables; what else changes (a type, a function) may concern any table.
_LOCAL = frozenset(
    {"table", "column", "primary_key", "unique", "check", "exclusion", "foreign_key", "index", "trigger"}
)


class Neighbours:
    """Which tables refer to which, learned from schemas and changes; both directions count."""

    def __init__(self, schema: Schema) -> None:
        self._links: dict[Name, set[Name]] = defaultdict(set)
        for table in schema.tables:
            self._learn((table.schema, table.name), table)

    def learn(self, changes: Iterable[Change]) -> None:
        """Take in what the changes say of tables and foreign keys."""
        for change in changes:
            owner = (change.schema, change.table or change.name)
            for part in (change.before, change.after):
                if isinstance(part, (Table, ForeignKey)):
                    self._learn(owner, part)

    def cut(self, schema: Schema, changes: Iterable[Change]) -> Schema:
        """The schema with those tables only that the changes are of, or that are linked to these.

        SQLite refuses some changes for what any view or trigger mentions, so there it is the whole schema.
        """
        items = list(changes)
        if schema.dialect == "sqlite" or any(change.kind not in _LOCAL and not _is_owned(change) for change in items):
            return schema
        touched = {(change.schema, change.table or change.name) for change in items}
        names = touched.union(*(self._links.get(name, set()) for name in touched))
        return replace(schema, tables=tuple(t for t in schema.tables if (t.schema, t.name) in names))

    def _learn(self, owner: Name, part: Table | ForeignKey) -> None:
        for other in _list_linked(part):
            self._links[owner].add(other)
            self._links[other].add(owner)


def _is_owned(change: Change) -> bool:
    """A serial column's sequence comes with the column."""
    return change.kind == "sequence" and getattr(change.after or change.before, "owned_by", None) is not None


def _list_linked(part: Table | ForeignKey) -> Iterator[Name]:
    keys = part.foreign_keys if isinstance(part, Table) else (part,)
    yield from ((key.referred_schema, key.referred_table) for key in keys)
    yield from part.parents if isinstance(part, Table) else ()
