"""What models cannot say is no difference between them and the migrations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.migration.applying import apply_changes
from bot.schema.change import Change
from bot.schema.diff import diff
from bot.schema.model import Check, ForeignKey, Schema, Table

_UNSAID = frozenset({"schema", "extension", "function", "view", "trigger", "other"})


def complete_models(models: Schema, migrations: Schema) -> Schema:
    """The schema of the models with what only migrations can make, taken from theirs."""
    return apply_changes(models, [change for change in diff(models, migrations) if _is_unsaid(change)])


def _is_unsaid(change: Change) -> bool:
    """A view, trigger or function that only a migration makes, a partition, an option, a constraint's NOT VALID."""
    if change.action == "add":
        is_partition = isinstance(change.after, Table) and (change.after.partition or "").startswith("PARTITION OF ")
        return change.kind in _UNSAID or is_partition
    before: Any = change.before
    after: Any = change.after
    if isinstance(before, Table) and isinstance(after, Table):
        return bool(replace(before, options=after.options) == after)
    if isinstance(before, (Check, ForeignKey)) and after is not None:
        return bool(replace(before, validated=after.validated) == after)
    return False
