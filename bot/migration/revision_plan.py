"""The revisions that a difference takes: their steps up and down, and when each is run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.config import MigrationsConfig
from bot.migration.aside import put_aside
from bot.migration.blocking import find_blocking
from bot.migration.difference import compare
from bot.migration.losses import find_losses_on_the_way, name_column_loss
from bot.migration.online_steps import plan_online_steps
from bot.migration.operations import plan_steps
from bot.migration.patience import lock_first
from bot.migration.rebuilds import ColumnName
from bot.migration.renames import Rename, apply_renames, reverse_renames
from bot.migration.sql_text import quote_name, quote_qualified
from bot.migration.sqlite_steps import plan_sqlite_steps
from bot.migration.stage import ONLINE_STAGES, Fill, Phase, Stage, StageEnd
from bot.migration.stages import plan_stages
from bot.migration.steps import Step, sql
from bot.migration.twins import Twin, find_twins, hold_back, weave_in
from bot.schema.model import Schema

_ORDER: tuple[Phase, ...] = ("before", "with", "after")
_BREAKING = frozenset({"table", "column", "enum", "enum_value", "view"})  # what code calls by its name


@dataclass(frozen=True, slots=True)
class RevisionPlan:
    """One revision. `phase` says when it is run, `blocking` what makes others wait, `lossy` what does not come back."""

    upgrade: tuple[Step, ...]
    downgrade: tuple[Step, ...]
    before: Schema
    after: Schema
    phase: Phase = "with"
    blocking: tuple[str, ...] = ()
    lossy: tuple[str, ...] = ()


def plan_plainly(
    before: Schema, after: Schema, renames: Sequence[Rename], *, autocommit: bool, aside: str | None = None
) -> RevisionPlan:
    """One revision, whatever it locks and however long. `aside` begins the names of what is put aside."""
    if after.dialect == "sqlite":
        return _plan_sqlite(before, after, renames)
    if aside is not None:
        after, moves = put_aside(apply_renames(before, renames), after, aside)
        renames = (*renames, *moves)
    upgrade = plan_steps(before, after, renames, autocommit=autocommit)
    downgrade = plan_steps(after, before, reverse_renames(renames), reverting=True, autocommit=autocommit)
    lossy = find_losses_on_the_way(apply_renames(before, renames), after)
    return RevisionPlan(upgrade, downgrade, before, after, lossy=lossy)


def _plan_sqlite(before: Schema, after: Schema, renames: Sequence[Rename]) -> RevisionPlan:
    upgrade = plan_sqlite_steps(before, after, renames)
    downgrade = plan_sqlite_steps(after, before, reverse_renames(renames), reverting=True)
    lossy = find_losses_on_the_way(apply_renames(before, renames), after)
    return RevisionPlan(upgrade, downgrade, before, after, lossy=lossy)


def plan_online(
    before: Schema, after: Schema, renames: Sequence[Rename], config: MigrationsConfig, aside: str | None = None
) -> tuple[RevisionPlan, ...]:
    """One revision or several, to be run in this order: what can be done beside the traffic is done so."""
    renamed = apply_renames(before, renames)
    difference = compare(renamed, after)
    twins = find_twins(difference)
    if twins:
        ends = list(weave_in(renamed, plan_stages(compare(renamed, hold_back(after, twins))), twins, after))
    else:
        ends = list(plan_stages(difference))
    if renames and (not ends or ends[0].stage in ONLINE_STAGES):
        ends.insert(0, StageEnd(Stage.EXPAND, renamed))
    if renames:
        ends[0] = replace(ends[0], renames=(*renames, *ends[0].renames))
    if aside is not None and ends:
        start = ends[-2].schema if len(ends) > 1 else before
        spared = {(twin.schema, twin.table, twin.stale) for twin in twins}
        goal, moves = put_aside(apply_renames(start, ends[-1].renames), after, aside, spared)
        ends[-1] = replace(ends[-1], schema=goal, renames=(*ends[-1].renames, *moves))
    plans = list(_plan_each(before, ends, renames, config))
    if twins:
        plans[-1] = replace(plans[-1], lossy=_find_losses_with_twins(plans[-1].lossy, twins, after))
    return tuple(plans)


def _find_losses_with_twins(lossy: Sequence[str], twins: Sequence[Twin], after: Schema) -> tuple[str, ...]:
    """The old columns that go last are filled from the new ones on the way back: what counts is what a type keeps."""
    stale = {name_column_loss(twin.schema, twin.table, twin.stale) for twin in twins}
    retyped = find_losses_on_the_way(hold_back(after, twins), after)
    return (*(line for line in lossy if line not in stale), *retyped)


def _plan_each(
    before: Schema, ends: Sequence[StageEnd], renames: Sequence[Rename], config: MigrationsConfig
) -> Iterator[RevisionPlan]:
    phase: Phase = "with" if any(rename.kind in _BREAKING for rename in renames) else "before"
    filled = frozenset(fill.column for end in ends for fill in end.fills if fill.value == "DEFAULT")
    start = before
    for end in ends:
        phase = max(phase, end.phase, key=_ORDER.index)
        upgrade, downgrade = _plan_stage(start, end, config, filled)
        renamed = apply_renames(start, end.renames)
        blocking = find_blocking(renamed, end.schema, is_online=end.stage in ONLINE_STAGES)
        lossy = find_losses_on_the_way(renamed, end.schema)
        yield RevisionPlan(upgrade, downgrade, start, end.schema, phase, blocking, lossy)
        start = end.schema


def _plan_stage(
    start: Schema, end: StageEnd, config: MigrationsConfig, filled: frozenset[ColumnName]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    timeout, renames = config.lock_timeout_seconds, end.renames
    if end.stage in ONLINE_STAGES:
        upgrade: Sequence[Step] = plan_online_steps(compare(start, end.schema), end.fills, timeout)
        downgrade: Sequence[Step] = plan_online_steps(compare(end.schema, start), (), timeout)
    else:
        back = reverse_renames(renames)
        upgrade = plan_steps(start, end.schema, renames, filled_later=filled if end.stage is Stage.EXPAND else ())
        downgrade = (*plan_steps(end.schema, start, back, reverting=True), *map(_fill_at_once, end.backfills))
    known = {(table.schema, table.name) for table in apply_renames(start, renames).tables}
    fresh = {(table.schema, table.name) for table in end.schema.tables} - known
    return (
        tuple(lock_first(upgrade, start, renames, timeout)),
        tuple(lock_first(downgrade, end.schema, reverse_renames(renames), timeout, fresh)),
    )


def _fill_at_once(fill: Fill) -> Step:
    """On the way back, where everything stands in one transaction."""
    schema, table, column = fill.column
    where = quote_qualified(schema, table)
    text = f"UPDATE {where} SET {quote_name(column)} = {fill.value} WHERE {fill.where}"  # noqa: S608 (names are quoted)
    return sql(text, "The old column gets its values from the new one.")
