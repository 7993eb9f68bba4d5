"""What a revision cannot do beside the traffic, in words for those who run it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.migration.difference import Difference, compare
from bot.migration.rebuilds import pair_columns, uses_type
from bot.migration.rewrites import find_reason_to_rewrite, is_rewrite_free, is_volatile
from bot.schema.model import Column, Domain, Index, PrimaryKey, Schema, Table, Trigger


def find_blocking(before: Schema, after: Schema, *, is_online: bool) -> tuple[str, ...]:
    """A line for each thing that holds reads or writes up for longer than a moment; renames are carried out already."""
    if is_online:
        return ()
    difference = compare(before, after)
    return tuple(dict.fromkeys(line for part in (_columns, _parts, _domains) for line in part(difference)))


def _columns(difference: Difference) -> Iterator[str]:
    for old, new in difference.pairs:
        known = {column.name for column in old.columns}
        for column in new.columns:
            replaced = difference.is_replaced(new, column)
            if column.name in known and not replaced:
                continue
            reason = find_reason_to_rewrite(column, difference.new)
            # A default that differs from row to row is given in batches, unless all is done at once.
            if reason is not None and (replaced or not _is_filled_apart(column)):
                yield f"{_name(new)}.{column.name} is added with a rewrite of the table, since {reason}."
        for was, column in pair_columns(old, new):
            yield from _changed_column(difference, new, was, column)


def _is_filled_apart(column: Column) -> bool:
    return column.generated is None and column.identity is None and is_volatile(column.default) and column.nullable


def _changed_column(difference: Difference, table: Table, was: Column, column: Column) -> Iterator[str]:
    where = f"{_name(table)}.{column.name}"
    if uses_type(column, difference.rebuilds.types):
        yield f"{where} gets its type anew: the table is rewritten."
    elif was.type != column.type and not is_rewrite_free(was.type, column.type):
        yield f"{where} becomes {column.type}: the table is rewritten."
    elif was.collation != column.collation:
        yield f"{where} gets another collation: its indexes are built anew."
    if was.nullable and not column.nullable:
        yield f"{where} is searched for nulls while nobody can read or write."
    if was.identity is None and column.identity is not None:
        yield f"{where} is searched for its greatest value while nobody can read or write."


def _parts(difference: Difference) -> Iterator[str]:
    for pair in difference.rebuilds.parts:
        part = pair.after
        if part is None or pair.is_tweak or isinstance(part, Trigger):
            continue
        if not getattr(part, "validated", True):
            continue
        table = pair.table if pair.schema == "public" else f"{pair.schema}.{pair.table}"
        if isinstance(part, Index):
            yield f"{table}: nobody can write while the index {part.name} is built."
        elif isinstance(part, PrimaryKey) or hasattr(part, "include") or hasattr(part, "definition"):
            yield f"{table}: nobody can read or write while the index of {part.name} is built."
        else:
            yield f"{table}: nobody can write while {part.name} is checked for every row."


def _domains(difference: Difference) -> Iterator[str]:
    old = {(domain.schema, domain.name): domain for domain in difference.old.domains}
    for domain in difference.new.domains:
        was = old.get((domain.schema, domain.name))
        if was is not None and _is_stricter(was, domain):
            yield f"every table with a column of the domain {domain.name} is checked while nobody can write to it."


def _is_stricter(was: Domain, now: Domain) -> bool:
    return bool(set(now.checks) - set(was.checks)) or (was.nullable and not now.nullable)


def _name(table: Table) -> str:
    return table.name if table.schema == "public" else f"{table.schema}.{table.name}"
