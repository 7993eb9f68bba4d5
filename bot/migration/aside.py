"""Dropped columns and tables put aside under another name, with their values, until somebody drops them for good.

A rename changes the catalog only, and the way back is the rename back. What stood on them (triggers, indexes and
constraints but for a table's primary key) goes and comes as if they were dropped, so that its names are free.
`bookkeeping.take_snapshot` does not see what is aside.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime

from bot.migration.bookkeeping import ASIDE_PREFIX
from bot.migration.difference import Difference, compare
from bot.migration.names import shorten_name
from bot.migration.rebuilds import ColumnName
from bot.migration.renames import Rename
from bot.migration.types import split_name
from bot.schema.model import Column, Schema, Table


def render_prefix(when: datetime) -> str:
    """How names of things put aside begin: by day, so that a name can be dropped more than once."""
    return f"{ASIDE_PREFIX}{when:%Y%m%d}_"


def put_aside(
    start: Schema, goal: Schema, prefix: str, spared: Collection[ColumnName] = ()
) -> tuple[Schema, tuple[Rename, ...]]:
    """The goal with what would be gone still in it, and the renames that lead there.

    A table of a namespace that goes, and a partition, is dropped all the same; so are computed columns and `spared`.
    """
    difference = compare(start, goal)
    renames: list[Rename] = []
    kept: dict[tuple[str, str], list[Column]] = {}
    for schema, table, column in _list_columns(difference, spared):
        name = shorten_name(prefix + column.name)
        kept.setdefault((schema, table), []).append(replace(_loosen(column, difference), name=name))
        renames.append(Rename("column", schema, column.name, name, table=table))
    tables = [
        replace(table, columns=(*table.columns, *kept.get((table.schema, table.name), ()))) for table in goal.tables
    ]
    for gone in difference.gone:
        has_home = gone.schema == "public" or gone.schema in goal.schemas
        if has_home and gone.partition is None and not gone.parents:
            name = shorten_name(prefix + gone.name)
            tables.append(_strip(gone, name, difference))
            renames.append(Rename("table", gone.schema, gone.name, name))
    ordered = tuple(sorted(tables, key=lambda table: (table.schema, table.name)))
    return replace(goal, tables=ordered), tuple(renames)


def _list_columns(difference: Difference, spared: Collection[ColumnName]) -> Iterator[tuple[str, str, Column]]:
    for old, new in difference.pairs:
        left = {column.name for column in new.columns}
        for column in old.columns:
            is_spared = (old.schema, old.name, column.name) in spared
            if column.name not in left and column.generated is None and not is_spared:
                yield old.schema, old.name, column


def _strip(table: Table, name: str, difference: Difference) -> Table:
    columns = tuple(
        column if column.generated is not None else _loosen(column, difference, nullable=column.nullable)
        for column in table.columns
    )
    bare = replace(table, name=name, columns=columns, foreign_keys=(), uniques=(), checks=(), exclusions=())
    return replace(bare, indexes=(), triggers=())


def _loosen(column: Column, difference: Difference, *, nullable: bool = True) -> Column:
    """Nothing new is written to it; a type that goes is no longer its type."""
    type_ = column.type
    named = split_name(type_.removesuffix("[]"))
    kept = {(enum.schema, enum.name) for enum in difference.new.enums}
    kept |= {(domain.schema, domain.name) for domain in difference.new.domains}
    array = "[]" if type_.endswith("[]") else ""
    if named not in kept:
        if any((enum.schema, enum.name) == named for enum in difference.old.enums):
            type_ = f"text{array}"
        for domain in difference.old.domains:
            if (domain.schema, domain.name) == named:
                type_ = f"{domain.type}{array}"
    return replace(column, type=type_, nullable=nullable, default=None, identity=None, identity_options=())
