"""One difference between two schemas, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.schema.model import (
    Check,
    Column,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Function,
    Index,
    Other,
    PrimaryKey,
    Sequence,
    Table,
    Trigger,
    Unique,
    View,
)

Kind = Literal[
    "schema",
    "extension",
    "domain",
    "enum",
    "sequence",
    "function",
    "table",
    "column",
    "column_order",
    "primary_key",
    "unique",
    "check",
    "exclusion",
    "foreign_key",
    "index",
    "view",
    "trigger",
    "other",
]
Action = Literal["add", "alter", "drop"]
Part = (
    str
    | Domain
    | Enum
    | Sequence
    | Function
    | Table
    | Column
    | tuple[str, ...]
    | PrimaryKey
    | Unique
    | Check
    | Exclusion
    | ForeignKey
    | Index
    | View
    | Trigger
    | Other
)


@dataclass(frozen=True, slots=True)
class Change:
    """`before` is None for "add", `after` is None for "drop", both are given for "alter".

    A table that is new or gone is one change that carries the whole table; its parts are not listed apart.
    `schema` is the namespace; `table` is the owner of a column, constraint, index, trigger or "other", else None.
    A table "alter" is a change of its own attributes (comment, options, partitioning); changes of its parts are changes
    of those kinds. What a partition gets from the table that it is a partition of is told of that one only.
    """

    action: Action
    kind: Kind
    schema: str
    name: str
    before: Part | None
    after: Part | None
    table: str | None = None

    @property
    def is_cosmetic(self) -> bool:
        """Whether it is reported but never fails a proof (the order of columns)."""
        return self.kind == "column_order"
