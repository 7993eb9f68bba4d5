"""Two schemas side by side: what stays, what goes, what comes, and what has to be rebuilt on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.migration.rebuilds import ColumnName, Rebuilds, find_rebuilds, pair_tables
from bot.schema.diff import diff
from bot.schema.model import Column, Schema, Table


@dataclass(frozen=True, slots=True)
class Difference:
    """`pairs` are the tables that stay, before and after; `gone` and `born` are those that do not.

    `inherited` are columns of partitions and other children that change along with the parent's.
    """

    old: Schema
    new: Schema
    pairs: tuple[tuple[Table, Table], ...]
    gone: tuple[Table, ...]
    born: tuple[Table, ...]
    rebuilds: Rebuilds
    inherited: frozenset[ColumnName] = frozenset()

    def is_inherited(self, table: Table, column: Column) -> bool:
        """Whether the column follows that of a parent, so that nothing is to be done here."""
        return (table.schema, table.name, column.name) in self.inherited

    def is_replaced(self, table: Table, column: Column) -> bool:
        """Whether the column is dropped and added again."""
        return (table.schema, table.name, column.name) in self.rebuilds.replaced


def compare(old: Schema, new: Schema) -> Difference:
    """The difference; renames are carried out already."""
    pairs = tuple(pair_tables(old, new))
    kept = {(table.schema, table.name) for table, _ in pairs}
    gone = tuple(table for table in old.tables if (table.schema, table.name) not in kept)
    born = tuple(table for table in new.tables if (table.schema, table.name) not in kept)
    return Difference(old, new, pairs, gone, born, find_rebuilds(old, new), _find_inherited(old, new, pairs))


def _find_inherited(old: Schema, new: Schema, pairs: Iterable[tuple[Table, Table]]) -> frozenset[ColumnName]:
    names = {
        (after.schema, after.name, column.name)
        for before, after in pairs
        if after.parents and after.parents == before.parents
        for column in (*before.columns, *after.columns)
    }
    if not names:
        return frozenset()
    own = {(change.schema, change.table or "", change.name) for change in diff(old, new) if change.kind == "column"}
    return frozenset(names - own)
