"""A base schema and changes of every kind, as DDL: one at a time, names that change, and several at once."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from bot.migration.renames import Rename

_FOLDER = Path(__file__).parent
BASE = (_FOLDER / "base.sql").read_text()
ROWS = """
INSERT INTO customers (email, name, phone, points) VALUES
    ('a@x', 'Ann', NULL, 1), ('b@x', 'Bob', '+49', 0), ('c@x', 'Cid', '', 7);
INSERT INTO products (sku, kind, price, weight) VALUES ('s1', 'book', 9.99, 1.5), ('s2', 'toy', 0, NULL);
INSERT INTO orders (customer_id, status, note, total) VALUES
    (1, 'pending', '12', 5), (1, 'paid', '7', NULL), (2, 'shipped', NULL, 0);
INSERT INTO order_items (order_id, product_id, quantity) VALUES (1, 1, 2), (2, 1, 1), (2, 2, 5);
INSERT INTO employees (id, name, boss_id) VALUES (10, 'Eve', NULL), (11, 'Fay', 10);
INSERT INTO audit.events (what, happened) VALUES ('start', '2026-01-01 00:00');
"""


@dataclass(frozen=True)
class Stated:
    """A change of the base and `before`, what stands besides it; `renames` are what the writer is told."""

    ddl: str
    renames: tuple[Rename, ...] = ()
    before: str = ""


def _read_blocks(name: str) -> dict[str, str]:
    parts = re.split(r"^-- name: (.+)\n", (_FOLDER / name).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _read_stated(block: str) -> Stated:
    before, ddl = re.split(r"^-- change:\n", block, flags=re.MULTILINE)
    told = [shlex.split(line) for line in re.findall(r"^-- rename: (.+)$", before, flags=re.MULTILINE)]
    return Stated(ddl, tuple(Rename(*words) for words in told), before)  # type: ignore[arg-type]


SINGLE = _read_blocks("changes.sql")
RENAMED = {name: _read_stated(block) for name, block in _read_blocks("renames.sql").items()}
OF_SINGLE: dict[str, tuple[str, ...]] = {
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

COMBINED = {
    **{name: Stated("\n".join(SINGLE[part] for part in parts)) for name, parts in OF_SINGLE.items()},
    **{name: _read_stated(block) for name, block in _read_blocks("combined.sql").items()},
}
FOUND = {name: _read_stated(block) for name, block in _read_blocks("found.sql").items()}
