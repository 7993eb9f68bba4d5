"""The stages of a change to a database in use, each with its place in the deploy order.

What old and new code can both live with comes first, what the old code could break or needs comes last:
https://martinfowler.com/bliki/ParallelChange.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from bot.migration.rebuilds import ColumnName
from bot.migration.renames import Rename
from bot.migration.sql_text import quote_name
from bot.schema.model import Schema

Phase = Literal["before", "with", "after"]


class Stage(IntEnum):
    """In the order in which they are carried out."""

    EXPAND = 0  # new things that nobody waits for, and what becomes less strict
    BUILD = 1  # indexes and constraints of tables that stand, built beside the traffic
    LINK = 2  # foreign keys to keys that were built
    CHANGE = 3  # what old and new code cannot both live with
    SWAP = 4  # constraints that are replaced
    RESTRICT = 5  # what the old code might break
    CONTRACT = 6  # what only the old code needs


_PHASES: dict[Stage, Phase] = {
    Stage.EXPAND: "before",
    Stage.BUILD: "before",
    Stage.LINK: "before",
    Stage.CHANGE: "with",
    Stage.SWAP: "with",
    Stage.RESTRICT: "after",
    Stage.CONTRACT: "after",
}
ONLINE_STAGES = frozenset({Stage.BUILD, Stage.LINK, Stage.SWAP, Stage.RESTRICT})


@dataclass(frozen=True, slots=True)
class Fill:
    """Rows for which `where` holds get `value` (an expression) in `column`."""

    column: ColumnName
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class StageEnd:
    """A stage and the schema that it leads to.

    `fills` are columns whose rows get a value there, `backfills` those that get one on the way back from there.
    `renames` are carried out at its start.
    """

    stage: Stage
    schema: Schema
    fills: tuple[Fill, ...] = ()
    renames: tuple[Rename, ...] = ()
    backfills: tuple[Fill, ...] = ()

    @property
    def phase(self) -> Phase:
        """Before, with or after the code that needs the new schema."""
        return _PHASES[self.stage]


def fill_with_default(schema: str, table: str, column: str) -> Fill:
    """Rows without a value get the column's default."""
    return Fill((schema, table, column), "DEFAULT", f"{quote_name(column)} IS NULL")
