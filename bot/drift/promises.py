"""What specs promised, beside the schema that the migrations lead to now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.drift.compare import compare_schemas
from bot.drift.item import Comparison
from bot.drift.ways import reverse
from bot.migration.applying import apply_changes
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema

_Object = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Promise:
    """The schema before a spec was implemented, and the one that its data model makes of it."""

    path: str
    before: Schema
    target: Schema


def compare_promises(promises: Sequence[Promise], actual: Schema, actual_name: str) -> tuple[Comparison, ...]:
    """A comparison for each spec, oldest first, in what it promised itself: the last spec to speak of a thing counts.

    What a later revision added beside it is no difference.
    """
    comparisons = []
    later: set[_Object] = set()
    for promise in reversed(promises):
        promised = {_name(change) for change in material(diff(promise.before, promise.target))}
        broken = [
            change
            for change in material(diff(promise.target, actual))
            if _concerns(change, promised) and _name(change) not in later
        ]
        expected = apply_changes(actual, [reverse(change) for change in reversed(broken)])
        comparisons.append(compare_schemas(expected, actual, expected_name=promise.path, actual_name=actual_name))
        later |= promised
    return tuple(reversed(comparisons))


def _name(change: Change) -> _Object:
    return change.kind, change.schema, change.table or "", change.name


def _concerns(change: Change, promised: set[_Object]) -> bool:
    """Whether the change breaks something promised: the thing itself, a part of a new table, a table that it is of."""
    if _name(change) in promised:
        return True
    if change.kind == "table" and change.action == "drop":
        return any((schema, table) == (change.schema, change.name) for _, schema, table, _ in promised)
    owner = ("table", change.schema, "", change.table or change.name)
    return change.action != "add" and owner in promised
