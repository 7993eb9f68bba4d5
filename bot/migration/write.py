"""Writes a difference of two schemas as Alembic revisions in the repository's own conventions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.migration.aside import render_prefix
from bot.migration.blocking import find_blocking
from bot.migration.conventions import RevisionConventions
from bot.migration.errors import CannotWrite
from bot.migration.losses import find_losses_on_the_way
from bot.migration.rebuilds import pair_tables
from bot.migration.renames import Rename, apply_renames, find_applicable
from bot.migration.revision_file import RevisionFile, RevisionWords, find_zone, render_revision
from bot.migration.revision_plan import RevisionPlan, plan_online, plan_plainly
from bot.migration.tenant import leave_out_schema
from bot.schema.model import Schema


def write_revisions(
    conventions: RevisionConventions,
    before: Schema,
    after: Schema,
    words: RevisionWords,
    *,
    down_revision: str | tuple[str, ...] | None,
    created_at: datetime,
    renames: Sequence[Rename] = (),
    seed: str = "",
) -> tuple[RevisionFile, ...]:
    """The revisions that lead from `before` to `after` and back, each on the one before it; at least one.

    What can be done beside the traffic is done so (unless `conventions.migrations` says otherwise): in several
    revisions where one could not be run again after it broke off, or where some must wait until the new code is there.
    `renames` are those that `before` does not know of yet. The ids follow from `seed`, `down_revision` and the content,
    so that writing the same again gives the same files; `created_at` (aware) goes into docstrings and file names.
    On several `down_revision`s the first revision merges them and does nothing else.
    Raises `CannotWrite`.
    """
    own = conventions.default_schema
    before, after = leave_out_schema(before, own), leave_out_schema(after, own)
    renames = leave_out_schema(tuple(renames), own)
    created_at = created_at.astimezone(find_zone(conventions.timezone))
    known = _find_renames(conventions, before, after, renames)
    plans = _plan(conventions, before, after, known, created_at)
    files: list[RevisionFile] = []
    if isinstance(down_revision, tuple):
        files.append(_write_merge(conventions, before, down_revision, created_at, seed))
    for number, plan in enumerate(plans, start=1):
        told = words if len(plans) == 1 else _tell_part(words, plan, number, len(plans))
        below = files[-1].revision if files else down_revision
        counted = _count_on(conventions, len(files))
        files.append(render_revision(counted, plan, told, below, created_at, seed))
    if len({file.path for file in files}) < len(files):
        raise CannotWrite("file_template gives several revisions one name; put %(rev)s into it")
    return tuple(files)


def _write_merge(
    conventions: RevisionConventions, schema: Schema, heads: tuple[str, ...], created_at: datetime, seed: str
) -> RevisionFile:
    plan = RevisionPlan((), (), schema, schema, phase="before")
    words = RevisionWords("Merge heads", (f"Joins {' and '.join(heads)}; it changes nothing.",))
    return render_revision(conventions, plan, words, heads, created_at, seed)


def _plan(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename], created_at: datetime
) -> tuple[RevisionPlan, ...]:
    plans: tuple[RevisionPlan, ...] = ()
    if conventions.migrations.online and conventions.autocommit and after.dialect == "postgresql":
        aside = _choose_aside(conventions, created_at)
        plans = plan_online(before, after, renames, conventions.migrations, aside)
    return plans or (_plan_plainly(conventions, before, after, renames, created_at),)


def _plan_plainly(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename], created_at: datetime
) -> RevisionPlan:
    aside = _choose_aside(conventions, created_at)
    plan = plan_plainly(before, after, renames, autocommit=conventions.autocommit, aside=aside)
    return replace(plan, blocking=_find_blocking(conventions, before, after, renames))


def _choose_aside(conventions: RevisionConventions, created_at: datetime) -> str | None:
    return render_prefix(created_at) if conventions.migrations.keep_dropped == "aside" else None


def _find_blocking(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename]
) -> tuple[str, ...]:
    """Nobody who has asked for the plain form wants to be told what blocks."""
    if not conventions.migrations.online or after.dialect != "postgresql":
        return ()
    return find_blocking(apply_renames(before, renames), after, is_online=False)


def _find_renames(
    conventions: RevisionConventions, before: Schema, after: Schema, renames: Sequence[Rename]
) -> tuple[Rename, ...]:
    if before.dialect != after.dialect:
        raise CannotWrite(f"a database of {before.dialect} cannot become one of {after.dialect}")
    known = find_applicable(before, renames)
    _refuse_other_partitions(apply_renames(before, known), after)
    if conventions.migrations.keep_dropped == "refuse":
        _refuse_losses(apply_renames(before, known), after)
    return known


def _refuse_losses(before: Schema, after: Schema) -> None:
    gone = [line for line in find_losses_on_the_way(before, after) if " go with the " in line]
    if gone:
        raise CannotWrite(f"migrations.keep_dropped is `refuse`, and {' '.join(gone)}")


def _tell_part(words: RevisionWords, plan: RevisionPlan, number: int, count: int) -> RevisionWords:
    """The words of one of several revisions: which of them it is, and when it is run."""
    when = {
        "before": "Run it before the code that needs it is deployed.",
        "with": "Run it together with the code that needs it.",
        "after": "Run it when no code from before the change runs any more.",
    }[plan.phase]
    return replace(words, purpose=(*words.purpose, when), part=(number, count))


def _count_on(conventions: RevisionConventions, written: int) -> RevisionConventions:
    if conventions.last_number is None:
        return conventions
    number, width = conventions.last_number
    return replace(conventions, last_number=(number + written, width))


def _refuse_other_partitions(before: Schema, after: Schema) -> None:
    for old, new in pair_tables(before, after):
        if old.partition != new.partition:
            raise CannotWrite(
                f"the table {new.name} shall be partitioned in another way; Postgres cannot change that of a table: "
                "ask for a new table"
            )
