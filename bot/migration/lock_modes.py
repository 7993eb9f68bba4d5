"""Postgres' lock modes of tables, and what each makes wait.

https://www.postgresql.org/docs/current/explicit-locking.html, "Conflicting Lock Modes". A query takes
`AccessShareLock`, an INSERT, UPDATE or DELETE `RowExclusiveLock`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Blocks = Literal["nothing", "writes", "reads"]

_SHARE_UPDATE = ("ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock")
# From the weakest to the strongest.
CONFLICTS: Mapping[str, frozenset[str]] = {
    "AccessShareLock": frozenset({"AccessExclusiveLock"}),
    "RowShareLock": frozenset({"ExclusiveLock", "AccessExclusiveLock"}),
    "RowExclusiveLock": frozenset({"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"}),
    "ShareUpdateExclusiveLock": frozenset({*_SHARE_UPDATE, "AccessExclusiveLock"}),
    "ShareLock": frozenset(
        {
            *("RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareRowExclusiveLock"),
            *("ExclusiveLock", "AccessExclusiveLock"),
        }
    ),
    "ShareRowExclusiveLock": frozenset({"RowExclusiveLock", *_SHARE_UPDATE, "AccessExclusiveLock"}),
    "ExclusiveLock": frozenset({"RowShareLock", "RowExclusiveLock", *_SHARE_UPDATE, "AccessExclusiveLock"}),
    "AccessExclusiveLock": frozenset(
        {"AccessShareLock", "RowShareLock", "RowExclusiveLock", *_SHARE_UPDATE, "AccessExclusiveLock"}
    ),
}
_ORDER = tuple(CONFLICTS)


def find_blocked(mode: str) -> Blocks:
    """What waits while the mode is held: "reads" means reads and writes. A mode that is not known blocks all."""
    conflicts = CONFLICTS.get(mode, CONFLICTS["AccessExclusiveLock"])
    if "AccessShareLock" in conflicts:
        return "reads"
    return "writes" if "RowExclusiveLock" in conflicts else "nothing"


def name_mode(mode: str) -> str:
    """The mode as SQL and the manual call it: SHARE ROW EXCLUSIVE."""
    return " ".join(re.findall("[A-Z][a-z]*", mode.removesuffix("Lock"))).upper()


def get_strength(mode: str) -> int:
    """A greater number for a stronger mode."""
    return _ORDER.index(mode) if mode in _ORDER else len(_ORDER)
