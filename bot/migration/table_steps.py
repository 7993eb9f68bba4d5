"""Steps for whole tables, in an order that their foreign keys allow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from alembic.operations import ops

from bot.migration.elements import (
    build_check,
    build_column,
    build_foreign_key,
    build_primary_key,
    build_unique,
    is_plain_check,
    is_plain_serial,
    namespace,
)
from bot.migration.part_steps import add_part, comment_part, create_index
from bot.migration.rebuilds import Name, Part
from bot.migration.sql_text import quote_qualified
from bot.migration.steps import CommentTable, Step, UncommentTable, final_name, sql
from bot.schema.model import ForeignKey, Schema, Table, Unique


def create_tables(
    tables: Iterable[Table], schema: Schema, is_settled: Callable[[ForeignKey], bool]
) -> tuple[list[Step], list[tuple[Table, ForeignKey]]]:
    """The new tables with all their parts but triggers, and the foreign keys that have to wait.

    A key waits when its table comes later (a circle), or when what it refers to is not `is_settled` yet.
    """
    ordered = sort_by_reference(tables)
    new = {(table.schema, table.name) for table in ordered}
    done: set[Name] = set()
    steps: list[Step] = []
    late: list[tuple[Table, ForeignKey]] = []
    for table in ordered:
        done.add((table.schema, table.name))
        inline: list[ForeignKey] = []
        for key in table.foreign_keys:
            target = (key.referred_schema, key.referred_table)
            ready = target in done if target in new else is_settled(key)
            if ready and key.validated:  # CREATE TABLE takes NOT VALID and makes it valid, as there are no rows
                inline.append(key)
            else:
                late.append((table, key))
        steps += _create_table(table, inline, schema)
    return steps, late


def drop_tables(tables: Iterable[Table]) -> Iterator[Step]:
    """Those that refer before those that are referred to; keys of a circle go first."""
    ordered = list(reversed(sort_by_reference(tables)))
    gone: set[Name] = set()
    going = {(table.schema, table.name) for table in ordered}
    for table in ordered:
        for other in ordered:
            for key in other.foreign_keys:
                if (key.referred_schema, key.referred_table) != (table.schema, table.name) or other is table:
                    continue
                if (other.schema, other.name) in going - gone:
                    name = final_name(key.name or "")
                    yield Step(
                        ops.DropConstraintOp(name, other.name, type_="foreignkey", schema=namespace(other.schema))
                    )
        gone.add((table.schema, table.name))
        yield Step(ops.DropTableOp(table.name, schema=namespace(table.schema)))


def sort_by_reference(tables: Iterable[Table]) -> list[Table]:
    """Tables that are referred to (or are the parent of a partition) first, else by name; circles are cut somewhere."""
    rest = sorted(tables, key=lambda table: (table.schema, table.name))
    done: list[Table] = []
    while rest:
        names = {(table.schema, table.name) for table in rest}
        free = [table for table in rest if not _waits_for(table, names - {(table.schema, table.name)})]
        # In a circle the one that the fewest others are needed for goes first.
        for table in free or [min(rest, key=lambda table: len(_waits_for(table, names)))]:
            done.append(table)
            rest.remove(table)
    return done


def comment_table(before: Table, after: Table) -> Step:
    """The comment of a table that stays."""
    space = namespace(after.schema)
    if after.comment is None:
        return Step(UncommentTable(after.name, existing_comment=before.comment, schema=space))
    return Step(CommentTable(after.name, after.comment, existing_comment=before.comment, schema=space))


def _waits_for(table: Table, names: set[Name]) -> set[Name]:
    needed = {(key.referred_schema, key.referred_table) for key in table.foreign_keys}
    if table.partition and table.partition.startswith("PARTITION OF "):
        needed |= {name for name in names if table.partition.startswith(f"PARTITION OF {quote_qualified(*name)} ")}
    return needed & names


def _create_table(table: Table, keys: Sequence[ForeignKey], schema: Schema) -> Iterator[Step]:
    if table.partition and table.partition.startswith("PARTITION OF "):
        yield sql(f"CREATE TABLE {quote_qualified(table.schema, table.name)} {table.partition}")
        if table.comment is not None:
            yield Step(CommentTable(table.name, table.comment, schema=namespace(table.schema)))
        return
    serial = {column.name for column in table.columns if is_plain_serial(column, table, schema)}
    parts: list[Any] = [
        build_column(column, schema, table=table, is_serial=column.name in serial) for column in table.columns
    ]
    apart: list[Part] = [*table.exclusions, *_list_redundant(table)]
    primary = table.primary_key
    if primary is not None:
        if primary.deferrable:
            apart.append(primary)
        else:
            parts.append(build_primary_key(primary))
    parts += [build_unique(part) for part in table.uniques if part not in apart]
    parts += [build_check(part) for part in table.checks if is_plain_check(part) and part.validated]
    parts += [build_foreign_key(key) for key in keys]
    apart += [part for part in table.checks if not (is_plain_check(part) and part.validated)]
    options: dict[str, Any] = {"comment": table.comment} if table.comment is not None else {}
    if table.partition:
        options["postgresql_partition_by"] = table.partition.removeprefix("PARTITION BY ")
    yield Step(ops.CreateTableOp(table.name, parts, schema=namespace(table.schema), **options))
    yield from _add_rest(table, apart, keys)


def _list_redundant(table: Table) -> Iterator[Unique]:
    """Of constraints for the same columns CREATE TABLE makes the first only (Postgres: transformIndexConstraints)."""
    made = set()
    if table.primary_key is not None and not table.primary_key.deferrable:
        key = table.primary_key
        made.add(Unique(None, key.columns, include=key.include, without_overlaps=key.without_overlaps))
    for part in table.uniques:
        bare = replace(part, name=None, comment=None)
        if bare in made:
            yield part
        made.add(bare)


def _add_rest(table: Table, apart: Sequence[Part], keys: Sequence[ForeignKey]) -> Iterator[Step]:
    """What cannot stand in `op.create_table`: some constraints, the indexes, comments of constraints."""
    for part in apart:
        yield from add_part(table.schema, table.name, part)
    for index in table.indexes:
        yield create_index(table.schema, table.name, index)
        if index.comment is not None:
            yield comment_part(table.schema, table.name, index)
    said: list[Part] = [*table.uniques, *table.checks, *keys, *([table.primary_key] if table.primary_key else [])]
    for part in said:
        if part.comment is not None and part not in apart:
            yield comment_part(table.schema, table.name, part)
