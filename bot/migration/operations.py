"""From one schema to another: Alembic's operations, in an order that a database with rows can carry out.

What stands on other things is taken down first (triggers, views, foreign keys, indexes, constraints), then what goes
is dropped, what comes is made, columns are changed, and what stands on them is put up again. The order of one step
after another is the order of the calls in `_list_steps`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.migration.column_steps import add_column, alter_column, drop_column, drop_expression
from bot.migration.difference import Difference, compare
from bot.migration.function_steps import (
    create_functions,
    drop_functions,
    find_functions_made_anew,
    find_functions_that_go,
    sort_functions,
)
from bot.migration.names_taken import find_names_that_change_hands
from bot.migration.object_steps import (
    add_schemas_and_extensions,
    add_types,
    drop_schemas_and_extensions,
    drop_types,
    drop_view,
    extend_enums,
)
from bot.migration.part_steps import add_part, drop_part, tweak_part
from bot.migration.rebuilds import ColumnName, pair_columns, uses_type
from bot.migration.rename_steps import drop_remade_types, remake_types, render_rename
from bot.migration.renames import Rename, apply_renames, reverse_renames
from bot.migration.sequence_steps import (
    change_sequences,
    disown_sequences,
    drop_sequences,
    leave_out_standing,
    own_sequences,
    release_columns,
)
from bot.migration.sql_text import find_words
from bot.migration.steps import Step
from bot.migration.table_steps import comment_table, create_tables, drop_tables
from bot.migration.view_steps import put_up_views
from bot.schema.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Function,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
)

_DOWN_ORDER: tuple[type, ...] = (Index, Exclusion, Check, Unique, PrimaryKey)
_UP_ORDER: tuple[type, ...] = (PrimaryKey, Unique, Check, Exclusion, Index, ForeignKey)


def plan_steps(
    before: Schema,
    after: Schema,
    renames: Sequence[Rename] = (),
    *,
    reverting: bool = False,
    autocommit: bool = True,
    filled_later: Collection[ColumnName] = (),
) -> tuple[Step, ...]:
    """The steps that lead from `before` to `after`, of two snapshots of Postgres databases.

    `renames` are carried out first, so that what they name keeps its rows. `reverting` says that this is a way back:
    a column that returns without its values gets placeholders. `autocommit` says whether env.py lets a statement run
    outside of its transaction. `filled_later` are new columns whose default only new rows shall get. Nothing to do
    gives no steps.
    """
    renames = (*renames, *find_names_that_change_hands(apply_renames(before, renames), after))
    difference = compare(apply_renames(before, renames), after)
    extensions = _extend_enums(before, after, renames, autocommit=autocommit)
    options = _Options(reverting, frozenset(filled_later))
    return (*extensions, *_list_steps(difference, renames, options))


@dataclass(frozen=True, slots=True)
class _Options:
    """See `plan_steps`."""

    reverting: bool
    filled_later: frozenset[ColumnName]


def _extend_enums(before: Schema, after: Schema, renames: Sequence[Rename], *, autocommit: bool) -> Iterator[Step]:
    """New values come first, under the names that their enums have then: what precedes them is committed with them."""
    of_enums = [rename for rename in renames if rename.kind in ("enum", "enum_value")]
    return extend_enums(before, apply_renames(after, reverse_renames(of_enums)), autocommit=autocommit)


def _list_steps(difference: Difference, renames: Sequence[Rename], options: _Options) -> Iterator[Step]:
    early, late = sort_functions(difference)
    yield from map(render_rename, renames)
    yield from _take_down(difference)
    releases, released = release_columns(difference)
    yield from releases
    yield from drop_functions(find_functions_made_anew(difference))
    yield from add_schemas_and_extensions(difference.old, difference.new)
    yield from add_types(difference.old, difference.new)
    yield from remake_types(difference)
    yield from change_sequences(difference)
    yield from create_functions(difference, early)
    schema = leave_out_standing(difference)
    tables, late_keys = create_tables(difference.born, schema, lambda key: _is_settled(difference, key))
    yield from tables
    yield from _change_tables(difference, released, options)
    yield from own_sequences(difference)
    yield from _put_up_parts(difference, late_keys)
    yield from _put_up_rest(difference, late)
    yield from _clear_away(difference)


def _take_down(difference: Difference) -> Iterator[Step]:
    down = [pair for pair in difference.rebuilds.parts if pair.before is not None and not pair.is_tweak]
    parts = [(pair.schema, pair.table, pair.before) for pair in down]
    yield from (drop_part(schema, table, part) for schema, table, part in parts if isinstance(part, Trigger))
    yield from map(drop_view, difference.rebuilds.views_down)
    yield from (drop_part(schema, table, part) for schema, table, part in parts if isinstance(part, ForeignKey))
    yield from drop_functions(find_functions_that_go(difference, of_rows=True))
    yield from disown_sequences(difference)
    yield from drop_tables(difference.gone)
    for kind in _DOWN_ORDER:
        yield from (
            drop_part(schema, table, part) for schema, table, part in parts if part is not None and type(part) is kind
        )
    for old, new in difference.pairs:
        for was, column in pair_columns(old, new):
            stays = not difference.is_replaced(new, column) and not difference.is_inherited(new, column)
            if was.generated is not None and column.generated is None and stays:
                yield drop_expression(new, was)
        left = {column.name for column in new.columns}
        drops = [c for c in old.columns if c.name not in left or difference.is_replaced(new, c)]
        drops = [c for c in drops if not difference.is_inherited(new, c)]
        # A computed column goes before those that it is computed from.
        yield from (drop_column(old, column) for column in sorted(drops, key=lambda c: c.generated is None))


def _change_tables(difference: Difference, released: Mapping[ColumnName, Column], options: _Options) -> Iterator[Step]:
    for old, new in difference.pairs:
        if old.comment != new.comment:
            yield comment_table(old, new)
        before = {column.name for column in old.columns}
        added = [c for c in new.columns if c.name not in before or difference.is_replaced(new, c)]
        added = [c for c in added if not difference.is_inherited(new, c)]
        computed = [column for column in added if column.generated is not None]
        for column in added:
            if column.generated is None:
                later = (new.schema, new.name, column.name) in options.filled_later
                reverting = options.reverting
                yield from add_column(new, column, difference.new, reverting=reverting, is_filled_later=later)
        yield from _alter_columns(difference, released, old, new, reverting=options.reverting)
        for column in computed:
            yield from add_column(new, column, difference.new, reverting=options.reverting)


def _alter_columns(
    difference: Difference, released: Mapping[ColumnName, Column], old: Table, new: Table, *, reverting: bool
) -> Iterator[Step]:
    for stood, column in pair_columns(old, new):
        if difference.is_inherited(new, column):
            continue
        was = released.get((new.schema, new.name, column.name), stood)
        remade = uses_type(column, difference.rebuilds.types) is not None and was.type == column.type
        if (was != column or remade) and not difference.is_replaced(new, column):
            yield from alter_column(
                new, was, column, difference.old, difference.new, is_rebuilt=remade, reverting=reverting
            )


def _put_up_parts(difference: Difference, late_keys: Iterable[tuple[Table, ForeignKey]]) -> Iterator[Step]:
    pairs = difference.rebuilds.parts
    up = [(pair.schema, pair.table, pair.after) for pair in pairs if pair.after is not None and not pair.is_tweak]
    for kind in _UP_ORDER:
        for schema, table, part in up:
            if type(part) is kind:
                yield from add_part(schema, table, part)
    for owner, key in late_keys:
        yield from add_part(owner.schema, owner.name, key)
    for pair in pairs:
        if pair.is_tweak:
            yield from tweak_part(pair)


def _put_up_rest(difference: Difference, functions: Sequence[Function]) -> Iterator[Step]:
    """Functions that need tables, views, functions that need views, triggers."""
    names = {view.name for view in difference.rebuilds.views_up}
    last = [function for function in functions if find_words(function.definition) & names]
    yield from create_functions(difference, [function for function in functions if function not in last])
    yield from put_up_views(difference)
    yield from create_functions(difference, last)
    for pair in difference.rebuilds.parts:
        if isinstance(pair.after, Trigger) and not pair.is_tweak:
            yield from add_part(pair.schema, pair.table, pair.after)
    for table in difference.born:
        for trigger in table.triggers:
            yield from add_part(table.schema, table.name, trigger)


def _clear_away(difference: Difference) -> Iterator[Step]:
    yield from drop_functions(find_functions_that_go(difference, of_rows=False))
    yield from drop_sequences(difference)
    yield from drop_remade_types(difference)
    yield from drop_types(difference.old, difference.new)
    yield from drop_schemas_and_extensions(difference.old, difference.new)


def _is_settled(difference: Difference, key: ForeignKey) -> bool:
    """Whether the columns that a key of a new table refers to are now as they will be, and are a key already."""
    where = (key.referred_schema, key.referred_table)
    for old, new in difference.pairs:
        if (new.schema, new.name) == where:
            same = {was.name for was, column in pair_columns(old, new) if was.type == column.type}
            parts = difference.rebuilds.parts
            busy = any((pair.schema, pair.table) == where and not pair.is_tweak for pair in parts)
            return set(key.referred_columns) <= same and not busy
    return False
