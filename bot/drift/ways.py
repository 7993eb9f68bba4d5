"""The statements for each group of changes, in both directions, rendered by the code that writes revisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.drift.groups import Group
from bot.drift.item import Way
from bot.drift.neighbours import Neighbours
from bot.drift.object_statements import list_object_statements
from bot.migration.applying import apply_changes
from bot.migration.errors import CannotWrite
from bot.migration.losses import find_losses_on_the_way
from bot.migration.operations import plan_steps
from bot.migration.renames import Rename, apply_renames, reverse_renames
from bot.migration.sqlite_steps import plan_sqlite_steps
from bot.migration.statements import render_statements
from bot.schema.change import Change
from bot.schema.model import Column, Domain, ForeignKey, Index, Schema, Table

MAX_WAYS = 200  # nobody reads more, and each takes some milliseconds
TOO_MANY = Way(obstacle=f"only the first {MAX_WAYS} differences get statements")
Name = tuple[str, str]
_HeldKey = tuple[Name, ForeignKey]
BY_HAND = "there is no statement for this that is sure to be right"


@dataclass(frozen=True, slots=True)
class Ways:
    """`onwards` leads from the first side to the second, `back` the other way."""

    onwards: Way
    back: Way


def find_ways(start: Schema, groups: Iterable[Group]) -> Iterator[Ways]:
    """For each group that leads on from `start` and the groups before it: the way on and the way back."""
    current, held_back = start, tuple[_HeldKey, ...]()
    neighbours = Neighbours(start)
    for number, group in enumerate(groups):
        if number >= MAX_WAYS:
            yield Ways(TOO_MANY, TOO_MANY)
            continue
        renames = () if group.rename is None or start.dialect == "sqlite" else (group.rename,)
        following = apply_renames(current, renames) if renames else apply_changes(current, group.changes)
        if any(change.kind == "table" for change in group.changes):
            following, held_back = _hold_back(following, held_back)
        neighbours.learn(group.changes)
        before, after = (neighbours.cut(schema, group.changes) for schema in (current, following))
        onwards = _find_way(before, after, group.changes, renames)
        back = _find_way(after, before, [reverse(c) for c in group.changes], reverse_renames(renames))
        yield Ways(onwards, back)
        current = following


def _hold_back(schema: Schema, held: Iterable[_HeldKey]) -> tuple[Schema, tuple[_HeldKey, ...]]:
    """Foreign keys wait until the table that they refer to is there; tables may refer to each other in a circle."""
    names = {(table.schema, table.name) for table in schema.tables}
    waiting = []
    added: dict[Name, list[ForeignKey]] = {}
    for name, key in held:
        if (key.referred_schema, key.referred_table) in names and name in names:
            added.setdefault(name, []).append(key)
        elif name in names:
            waiting.append((name, key))
    tables = []
    for table in schema.tables:
        name = (table.schema, table.name)
        keys = [*table.foreign_keys, *added.get(name, ())]
        ready = [key for key in keys if (key.referred_schema, key.referred_table) in names]
        waiting += [(name, key) for key in keys if key not in ready]
        same = tuple(ready) == table.foreign_keys
        tables.append(table if same else replace(table, foreign_keys=tuple(sorted(ready, key=lambda k: k.name or ""))))
    return replace(schema, tables=tuple(tables)), tuple(waiting)


def reverse(change: Change) -> Change:
    """The change that takes this one back."""
    actions: dict[str, Any] = {"add": "drop", "drop": "add", "alter": "alter"}
    return replace(change, action=actions[change.action], before=change.after, after=change.before)


def _find_way(before: Schema, after: Schema, changes: Sequence[Change], renames: Sequence[Rename]) -> Way:
    obstacle = next((text for change in changes if (text := _find_obstacle(change))), "")
    if obstacle:
        return Way(obstacle=obstacle)
    try:
        statements = _render(before, after, changes, renames)
    except CannotWrite as error:
        return Way(obstacle=str(error))
    losses = find_losses_on_the_way(apply_renames(before, renames), after)
    return Way(statements, losses) if statements else Way(obstacle=BY_HAND)


def _render(before: Schema, after: Schema, changes: Sequence[Change], renames: Sequence[Rename]) -> tuple[str, ...]:
    if before.dialect == "sqlite":
        return render_statements(plan_sqlite_steps(before, after), "sqlite")
    steps = plan_steps(before, after, renames, autocommit=False)
    ours = () if renames else (text for change in changes for text in list_object_statements(change))
    return (*render_statements(steps, "postgresql"), *ours)


def _find_obstacle(change: Change) -> str:
    before, after = change.before, change.after
    if isinstance(after, Index) and not after.valid:
        return "an index is never made invalid on purpose"
    if isinstance(before, Table) and isinstance(after, Table):
        same = (before.partition, before.parents) == (after.partition, after.parents)
        return "" if same else "Postgres cannot change how a table is partitioned, or what it inherits from, in place"
    if isinstance(before, Domain) and isinstance(after, Domain):
        return BY_HAND if (before.collation, before.unvalidated) != (after.collation, after.unvalidated) else ""
    if isinstance(before, Column) and isinstance(after, Column):
        return BY_HAND if before.not_null_validated != after.not_null_validated else ""
    return ""
