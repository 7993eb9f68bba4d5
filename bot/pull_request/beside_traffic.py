"""What the SQL that was run did beside the traffic, so that nobody has to wait for it.

It is read off the statements and not off who wrote them: a revision of a person's or a model's counts as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r'"?([^\s";,(]+)"?'
_TABLE = r'(?:"?public"?\.)?' + _NAME
_BUILT = re.compile(rf"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
_VALIDATED = re.compile(rf"\bVALIDATE\s+CONSTRAINT\s+{_NAME}", re.IGNORECASE)
_IS_SET = re.compile(
    rf"ALTER\s+TABLE\s+{_TABLE}[^;]*?ADD\s+CONSTRAINT\s+{_NAME}\s+CHECK\s*\({_NAME}\s+IS\s+NOT\s+NULL\)\s+NOT\s+VALID",
    re.IGNORECASE,
)
_FILLED = re.compile(rf"UPDATE\s+{_TABLE}\s+SET\s+{_NAME}\s*=[^;]*?\bctid\b", re.IGNORECASE)
_RENAMED = re.compile(rf"ALTER\s+TABLE\s+{_TABLE}\s+RENAME\s+(?:COLUMN\s+)?{_NAME}\s+TO\s+{_NAME}", re.IGNORECASE)

Column = tuple[str, str]  # the table as it is shown, and the column


@dataclass(frozen=True, slots=True)
class BesideTraffic:
    """Names of `built` indexes and `validated` constraints; columns that were `filled` in batches, that were shown to
    be `set` before they became NOT NULL, and that were `swapped` with a twin."""

    built: frozenset[str] = frozenset()
    validated: frozenset[str] = frozenset()
    filled: frozenset[Column] = frozenset()
    set: frozenset[Column] = frozenset()
    swapped: frozenset[Column] = frozenset()

    def is_built(self, name: str) -> bool:
        """Whether the index, or the one that took its name, was built concurrently."""
        return not self.built.isdisjoint((name, f"{name}_new"))

    def is_validated(self, name: str) -> bool:
        """Whether the constraint, or the one that took its name, was added NOT VALID and validated apart."""
        return not self.validated.isdisjoint((name, f"{name}_new"))


def read_beside_traffic(upgrade_sql: str) -> BesideTraffic:
    """What the statements show."""
    validated = frozenset(_VALIDATED.findall(upgrade_sql))
    filled = frozenset(_FILLED.findall(upgrade_sql))
    renames = _RENAMED.findall(upgrade_sql)
    return BesideTraffic(
        built=frozenset(_BUILT.findall(upgrade_sql)),
        validated=validated,
        filled=filled,
        set=frozenset((table, column) for table, check, column in _IS_SET.findall(upgrade_sql) if check in validated),
        swapped=frozenset((table, after) for table, before, after in renames if (table, before) in filled),
    )
