"""One difference between two sources of truth, and the differences of one comparison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.schema.change import Change

# From worst to least; docs/drift.md says which difference has which.
Severity = Literal["data", "correctness", "performance", "cosmetic"]
SEVERITIES: tuple[Severity, ...] = ("data", "correctness", "performance", "cosmetic")


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why a difference does not count, and the last day on which that holds (None: for good)."""

    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """What brings one side to the other: statements in their order, and what rows lose by them.

    `obstacle` says why there are no statements, else it is "".
    """

    statements: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    obstacle: str = ""

    @property
    def text(self) -> str:
        """The statements as a script."""
        return "\n".join(f"{statement};" for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Item:
    """A difference: `change` leads from the expected side to the actual one.

    `along` are the changes that come with it (the index of a column that is missing). `expected` and `actual` are the
    two definitions, None where a side has none. The statements of `to_expected` are run on the actual side, those of
    `to_actual` on the expected one; both presuppose those of the items before this one.
    """

    change: Change
    severity: Severity
    title: str
    expected: str | None
    actual: str | None
    to_expected: Way
    to_actual: Way
    along: tuple[Change, ...] = ()
    ignored: Ignored | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sources of truth side by side; `expected` and `actual` are their names as the report shows them.

    `diagram` is a picture (Mermaid) of the tables that differ, "" when none does.
    """

    expected: str
    actual: str
    items: tuple[Item, ...] = ()
    diagram: str = ""

    @property
    def counted(self) -> tuple[Item, ...]:
        """The differences that are not ignored."""
        return tuple(item for item in self.items if item.ignored is None)
