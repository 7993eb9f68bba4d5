"""A base schema and changes of every kind, as DDL."""

from __future__ import annotations

import re
from pathlib import Path

_FOLDER = Path(__file__).parent
BASE = (_FOLDER / "base.sql").read_text()


def _read_changes() -> dict[str, str]:
    parts = re.split(r"^-- name: (.+)\n", (_FOLDER / "changes.sql").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


SINGLE = _read_changes()
COMBINED: dict[str, tuple[str, ...]] = {
    "several of one table": (
        "column not null with default",
        "type wider",
        "drop default",
        "check",
        "index expression",
    ),
    "enum, columns and indexes": ("column of a new enum", "enum value in the middle", "index include", "unique"),
    "new tables and old ones": ("many to many", "tables in a circle", "column with foreign key", "table comment"),
    "keys": ("primary key with foreign keys", "type to numeric", "unique with options", "foreign key to a new unique"),
    "everything goes": (
        "drop table",
        "drop generated column",
        "trigger dropped",
        "function dropped",
        "view dropped",
        "enum dropped",
        "domain dropped",
        "sequence dropped",
        "check dropped",
        "index dropped",
    ),
    "everything comes": (
        "table with every constraint",
        "column generated",
        "view on a new column",
        "function used by a default",
        "domain",
        "sequence",
        "schema",
        "materialised view",
        "index method",
        "trigger with function",
    ),
    "type beside a trigger that goes with its function": (
        "type integer to text",
        "trigger dropped",
        "function changed",
        "drop table in another schema",
    ),
    "rebuilt enum beside others": ("enum value removed", "type to text", "column with check and unique", "drop column"),
}


def combine(name: str) -> str:
    """The DDL of a combined change."""
    return "\n".join(SINGLE[part] for part in COMBINED[name])
