"""What holds for every two schemas."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from bot.schema.change import Change
from bot.schema.codec import fingerprint, from_json, to_json
from bot.schema.diff import diff, material
from bot.schema.model import Schema

_REVERSED = {"add": "drop", "drop": "add", "alter": "alter"}


def check_laws(before: Schema, after: Schema) -> None:
    """Identity, equality, reversal and the codec."""
    for schema in (before, after):
        assert diff(schema, schema) == ()
        assert from_json(json.loads(json.dumps(to_json(schema)))) == schema
    assert (material(diff(before, after)) == ()) == (sort_columns(before) == sort_columns(after))
    assert (fingerprint(before) == fingerprint(after)) == (before == after)
    assert Counter(map(_key, diff(after, before))) == Counter(_key(reverse(c)) for c in diff(before, after))


def reverse(change: Change) -> Change:
    """The change that takes it back."""
    return replace(change, action=_REVERSED[change.action], before=change.after, after=change.before)  # type: ignore[arg-type]


def sort_columns(schema: Schema) -> Schema:
    """The schema without the order of columns."""
    tables = (replace(table, columns=tuple(sorted(table.columns, key=lambda c: c.name))) for table in schema.tables)
    return replace(schema, tables=tuple(tables))


def _key(change: Change) -> Any:
    return change
