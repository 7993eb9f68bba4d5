"""Two schemas side by side: what stays, what goes, what comes, and what has to be rebuilt on the way."""

from __future__ import annotations

from dataclasses import dataclass

from bot.migration.rebuilds import Rebuilds, find_rebuilds, pair_tables
from bot.schema.model import Column, Schema, Table


@dataclass(frozen=True, slots=True)
class Difference:
    """`pairs` are the tables that stay, before and after; `gone` and `born` are those that do not."""

    old: Schema
    new: Schema
    pairs: tuple[tuple[Table, Table], ...]
    gone: tuple[Table, ...]
    born: tuple[Table, ...]
    rebuilds: Rebuilds

    def is_replaced(self, table: Table, column: Column) -> bool:
        """Whether the column is dropped and added again."""
        return (table.schema, table.name, column.name) in self.rebuilds.replaced


def compare(old: Schema, new: Schema) -> Difference:
    """The difference; renames are carried out already."""
    pairs = tuple(pair_tables(old, new))
    kept = {(table.schema, table.name) for table, _ in pairs}
    gone = tuple(table for table in old.tables if (table.schema, table.name) not in kept)
    born = tuple(table for table in new.tables if (table.schema, table.name) not in kept)
    return Difference(old, new, pairs, gone, born, find_rebuilds(old, new))
