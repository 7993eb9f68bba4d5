"""A difference cut into stages: what comes before the new code, what with it, what after it.

Each stage ends in a schema of its own, so that each is written, taken back and proved like any other difference. Within
one stage, statements that must not run in a transaction come before those that do (see `online_steps`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.migration.applying import apply_changes
from bot.migration.difference import Difference
from bot.migration.stage import Stage, StageEnd
from bot.migration.stage_sorting import sort_changes
from bot.schema.change import Change
from bot.schema.diff import diff
from bot.schema.model import ForeignKey


def plan_stages(difference: Difference) -> tuple[StageEnd, ...]:
    """The stages that the difference needs; one stage alone where its parts hang together too closely to be cut."""
    old, new = difference.old, difference.new
    changes = [change for change in diff(old, new) if not change.is_cosmetic]
    if not changes:
        return ()
    if _is_entangled(difference, changes):
        return (StageEnd(Stage.CHANGE, new),)
    piles = sort_changes(difference, changes)
    ends: list[StageEnd] = []
    schema = old
    for stage in Stage:
        if stage in piles.changes or (stage is Stage.BUILD and piles.fills):
            schema = apply_changes(schema, piles.changes.get(stage, []))
            ends.append(StageEnd(stage, schema, tuple(piles.fills) if stage is Stage.BUILD else ()))
    ends[-1] = replace(ends[-1], schema=new)
    return tuple(ends)


def _is_entangled(difference: Difference, changes: Iterable[Change]) -> bool:
    """Whether a rebuilt type, a changed key that others refer to, or a name that changes hands ties it together."""
    if difference.rebuilds.types or difference.rebuilds.replaced:
        return True
    for pair in difference.rebuilds.parts:
        if isinstance(pair.before, ForeignKey) and pair.before == pair.after:
            return True
    items = list(changes)
    if any(change.kind == "other" for change in items):
        return True
    gone = {name for change in items if change.before is not None for name in _list_names(change.before, change)}
    come = {name for change in items if change.after is not None for name in _list_names(change.after, change)}
    stay = {
        name
        for change in items
        if change.before is not None and change.after is not None
        for name in _list_names(change.after, change)
    }
    return bool((gone & come) - stay)


def _list_names(item: Any, change: Change) -> Iterator[tuple[str, ...]]:
    """The names that the item takes: of relations in its namespace, of constraints in its table."""
    if change.kind in ("schema", "extension", "column", "column_order", "trigger", "function"):
        return
    if change.kind == "table" and change.action == "alter":
        return
    if change.kind in ("check", "foreign_key"):
        yield ("constraint", change.schema, change.table or "", change.name)
        return
    yield ("relation", change.schema, change.name)
    if change.kind in ("primary_key", "unique", "exclusion"):
        yield ("constraint", change.schema, change.table or "", change.name)
    for owned in ("indexes", "uniques", "exclusions"):
        for part in getattr(item, owned, ()):
            yield ("relation", change.schema, part.name)
    key = getattr(item, "primary_key", None)
    if key is not None:
        yield ("relation", change.schema, key.name)
