"""Steps for sequences: those of serial columns come and go with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.migration.column_steps import change_identity, continue_after_rows, drop_default
from bot.migration.difference import Difference
from bot.migration.elements import is_plain_serial
from bot.migration.object_steps import alter_sequence, create_sequence, drop_sequence, own_sequence
from bot.migration.rebuilds import ColumnName, pair_columns
from bot.migration.sql_text import find_words, quote_qualified
from bot.migration.steps import Step, sql
from bot.schema.model import Column, Schema, Sequence, Table


def change_sequences(difference: Difference) -> Iterator[Step]:
    """New sequences, and what changes of those that stay."""
    old = {(item.schema, item.name): item for item in difference.old.sequences}
    for item in difference.new.sequences:
        was = old.get((item.schema, item.name))
        if was is not None and not goes_with_owner(difference, was):
            yield from alter_sequence(was, item)
        elif not comes_with_table(difference, item):
            yield from create_sequence(item)


def disown_sequences(difference: Difference) -> Iterator[Step]:
    """Part sequences from columns that they shall outlive, before those go."""
    new = {(item.schema, item.name): item for item in difference.new.sequences}
    for item in difference.old.sequences:
        wanted = new.get((item.schema, item.name))
        if wanted and item.owned_by and item.owned_by != wanted.owned_by:
            yield sql(f"ALTER SEQUENCE {quote_qualified(item.schema, item.name)} OWNED BY NONE")


def own_sequences(difference: Difference) -> Iterator[Step]:
    """Tie sequences to their columns; where those have values already, counting goes on after them."""
    old = {(item.schema, item.name): item for item in difference.old.sequences}
    kept = {(new.schema, new.name, column.name): (new, column) for t, new in difference.pairs for column in new.columns}
    stood = {(t.schema, t.name, column.name) for t, _ in difference.pairs for column in t.columns}
    for item in difference.new.sequences:
        was = old.get((item.schema, item.name))
        if item.owned_by is None or (was is not None and was.owned_by == item.owned_by):
            continue
        if comes_with_table(difference, item):
            continue
        yield own_sequence(item)
        if item.owned_by in kept and item.owned_by in stood and "nextval(" in (kept[item.owned_by][1].default or ""):
            yield continue_after_rows(*kept[item.owned_by])


def drop_sequences(difference: Difference) -> Iterator[Step]:
    """Sequences that go, but for those that went with their columns."""
    counting = {item for _table, _column, item in _find_counted(difference)}
    for item in _list_gone(difference):
        if item not in counting:
            yield drop_sequence(item)


def release_columns(difference: Difference) -> tuple[list[Step], dict[ColumnName, Column]]:
    """Take identities and serial defaults away before new ones come, as both want the same name for their sequence.

    So are defaults that call a function which is made anew. Returns the columns as they are after that.
    """
    steps: list[Step] = []
    released: dict[ColumnName, Column] = {}
    for table, column, item in _find_counted(difference):
        steps += [drop_default(table, column, difference.old), drop_sequence(item)]
        released[table.schema, table.name, column.name] = replace(column, default=None)
    for old, new in difference.pairs:
        for was, column in pair_columns(old, new):
            if difference.is_replaced(new, column):
                continue
            if find_words(was.default or "") & difference.rebuilds.functions:
                steps.append(drop_default(new, was, difference.old))
                released[new.schema, new.name, was.name] = replace(was, default=None)
            if was.identity is not None and column.identity is None:
                steps.append(change_identity(new, was, None, difference.old))
                released[new.schema, new.name, was.name] = replace(was, identity=None)
    return steps, released


def _find_counted(difference: Difference) -> Iterator[tuple[Table, Column, Sequence]]:
    """Columns that stay and whose sequence goes."""
    for item in _list_gone(difference):
        for old, new in difference.pairs:
            for was, _column in pair_columns(old, new):
                if item.owned_by == (new.schema, new.name, was.name) and was.default is not None:
                    yield new, was, item


def _list_gone(difference: Difference) -> list[Sequence]:
    """Sequences that go and have to be dropped."""
    kept = {(item.schema, item.name) for item in difference.new.sequences}
    gone = [item for item in difference.old.sequences if (item.schema, item.name) not in kept]
    return [item for item in gone if not goes_with_owner(difference, item)]


def goes_with_owner(difference: Difference, item: Sequence) -> bool:
    """Whether the sequence is dropped by the server, together with its column or table."""
    if item.owned_by is None:
        return False
    wanted = {(other.schema, other.name): other.owned_by for other in difference.new.sequences}
    if wanted.get((item.schema, item.name), item.owned_by) != item.owned_by:
        return False
    schema, table, column = item.owned_by
    for _old, new in difference.pairs:
        if (new.schema, new.name) == (schema, table):
            return column not in {c.name for c in new.columns if not difference.is_replaced(new, c)}
    return any((gone.schema, gone.name) == (schema, table) for gone in difference.gone)


def leave_out_standing(difference: Difference) -> Schema:
    """The new schema without the sequences that are there before: no new table makes those."""
    standing = {(item.schema, item.name) for item in difference.old.sequences if not goes_with_owner(difference, item)}
    kept = tuple(item for item in difference.new.sequences if (item.schema, item.name) not in standing)
    return replace(difference.new, sequences=kept)


def comes_with_table(difference: Difference, item: Sequence) -> bool:
    """Whether `op.create_table` makes it, as the sequence of a serial key."""
    for table in difference.born:
        if item.owned_by is not None and item.owned_by[:2] == (table.schema, table.name):
            column = next(column for column in table.columns if column.name == item.owned_by[2])
            return is_plain_serial(column, table, leave_out_standing(difference))
    return False
