"""Renames: said by the spec, never guessed. A rename keeps the rows; a drop and an add would not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot.migration.renamed_schema import Rename, RenameKind, rename_in_schema
from bot.schema.model import Schema, Table

__all__ = ["Rename", "RenameKind", "apply_renames", "find_applicable", "reverse_renames"]


def apply_renames(schema: Schema, renames: Iterable[Rename]) -> Schema:
    """The schema as it is once these names have changed, one after the other, nothing else."""
    for rename in renames:
        schema = rename_in_schema(schema, rename)
    return schema


def reverse_renames(renames: Sequence[Rename]) -> tuple[Rename, ...]:
    """The way back: the other direction, last one first.

    A part that was renamed before its table was is found under the table's name of that moment, as on the way there.
    """
    return tuple(replace(rename, before=rename.after, after=rename.before) for rename in reversed(renames))


def find_applicable(schema: Schema, renames: Iterable[Rename]) -> tuple[Rename, ...]:
    """Those renames whose old name exists in the schema at their turn and whose new name does not."""
    kept: list[Rename] = []
    for rename in renames:
        names = _list_names(schema, rename)
        if rename.before in names and rename.after not in names:
            kept.append(rename)
            schema = apply_renames(schema, [rename])
    return tuple(kept)


def _list_names(schema: Schema, rename: Rename) -> set[str]:
    table = next((t for t in schema.tables if (t.schema, t.name) == (rename.schema, rename.table)), None)
    if rename.kind == "column":
        return {column.name for column in table.columns} if table else set()
    if rename.kind == "constraint":
        return {part.name for part in _list_constraints(table) if part.name} if table else set()
    if rename.kind == "enum_value":
        enums = (enum for enum in schema.enums if (enum.schema, enum.name) == (rename.schema, rename.table))
        return {value for enum in enums for value in enum.values}
    if rename.kind == "index":
        return {i.name for t in schema.tables if t.schema == rename.schema for i in t.indexes}
    fields: dict[str, tuple[Any, ...]] = {
        "table": schema.tables,
        "enum": schema.enums,
        "domain": schema.domains,
        "sequence": schema.sequences,
    }
    return {item.name for item in fields.get(rename.kind, schema.views) if item.schema == rename.schema}


def _list_constraints(table: Table) -> list[Any]:
    primary = [table.primary_key] if table.primary_key else []
    return [*primary, *table.uniques, *table.foreign_keys, *table.checks, *table.exclusions]
