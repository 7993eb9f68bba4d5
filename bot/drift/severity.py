"""How much a difference matters, by what can happen to rows on the actual side."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from bot.drift.item import Severity
from bot.schema.change import Change
from bot.schema.model import Column, Index, Other, Sequence, Table, View

# What keeps wrong rows out: without it, or with another one, rows come in that nobody expects.
_GUARDS = frozenset({"primary_key", "unique", "check", "exclusion", "foreign_key", "trigger"})
_PROTECTING_OPTIONS = ("UNLOGGED", "ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY")


def grade(change: Change) -> Severity:
    """The severity of a change that leads from the expected side to the actual one."""
    if change.is_cosmetic or _is_same_but(change, "comment", "name", "definition"):
        return "cosmetic"
    if change.kind in _GUARDS:
        return "correctness" if change.action == "add" else "data"
    if change.kind == "index":
        return _grade_index(change)
    if isinstance(change.before, Column) and isinstance(change.after, Column):
        return _grade_column(change.before, change.after)
    if isinstance(change.before, Table) and isinstance(change.after, Table):
        return _grade_options(change.before, change.after)
    return _grade_object(change)


def _is_same_but(change: Change, *names: str) -> bool:
    """Whether both sides have it, and it differs in nothing that works. A view's definition does work."""
    before: Any = change.before
    after: Any = change.after
    if change.action != "alter" or not hasattr(before, "comment"):
        return False
    alike = names if isinstance(before, Index) else tuple(name for name in names if name != "definition")
    known = {field.name for field in fields(before)}
    return bool(replace(before, **{name: getattr(after, name) for name in alike if name in known}) == after)


def _grade_index(change: Change) -> Severity:
    is_unique = any(isinstance(index, Index) and index.unique for index in (change.before, change.after))
    if not is_unique:
        return "performance"
    return "correctness" if change.action == "add" else "data"


def _grade_column(before: Column, after: Column) -> Severity:
    looser = (after.nullable and not before.nullable) or (before.not_null_validated and not after.not_null_validated)
    return "data" if looser or before.type != after.type else "correctness"


def _grade_options(before: Table, after: Table) -> Severity:
    if before.partition != after.partition or before.parents != after.parents:
        return "correctness"
    changed = set(before.options) ^ set(after.options)
    if changed & set(_PROTECTING_OPTIONS):
        return "data"
    return "performance" if all("=" in option for option in changed) else "correctness"


def _grade_object(change: Change) -> Severity:
    part = change.after or change.before
    if isinstance(part, Other) and part.kind == "statistics":
        return "performance"
    if isinstance(part, Other) and part.kind in ("policy", "rule") and change.action != "add":
        return "data"
    if isinstance(change.before, View) and isinstance(change.after, View):
        is_same = replace(change.before, indexes=change.after.indexes) == change.after
        return "performance" if is_same else "correctness"
    if isinstance(change.before, Sequence) and isinstance(change.after, Sequence):
        return _grade_sequence(change.before, change.after)
    return "correctness"


def _grade_sequence(before: Sequence, after: Sequence) -> Severity:
    """A sequence that starts over or ends sooner gives numbers twice, or none."""
    narrower = after.maximum < before.maximum or after.minimum > before.minimum
    return "data" if narrower or (after.cycle and not before.cycle) else "correctness"
