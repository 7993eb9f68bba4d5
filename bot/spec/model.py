"""A parsed spec: what the issue asks for, every value with the line of the issue body it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Section:
    """`title` as written, `key` normalised ("data model"); `line` (1-based) is the heading's."""

    key: str
    title: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """An acceptance criterion; `id` is AC-1, AC-2 … in order of appearance."""

    id: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the API; `method` in capitals."""

    method: str
    path: str
    description: str
    line: int


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column as the spec states it. None means: the spec does not say (for an existing column: leave it).

    `type` is a Postgres type (or the name of an enum of this spec); `was` names the old column of a rename, `is_new`
    says that it is none, although a column of the same type goes.
    """

    name: str
    line: int
    type: str | None = None
    nullable: bool | None = None
    default: str | None = None
    primary_key: bool = False
    identity: bool = False
    unique: bool = False
    index: bool = False
    references: str | None = None
    on_delete: str | None = None
    check: str | None = None
    generated: str | None = None
    comment: str | None = None
    was: str | None = None
    drop: bool = False
    drop_default: bool = False
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ConstraintSpec:
    """A table constraint or an index. `expression` is the check, the exclusion or the predicate of a partial index.

    `columns` of an index are its keys in SQL: a name that is no plain word stands in double quotes.
    """

    kind: Literal["primary_key", "unique", "check", "foreign_key", "exclusion", "index"]
    line: int
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str | None = None
    references: str | None = None
    on_delete: str | None = None
    on_update: str | None = None
    unique: bool = False
    method: str | None = None
    drop: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as the spec states it, new or existing: whether it exists is known only beside the base schema."""

    name: str
    line: int
    columns: tuple[ColumnSpec, ...] = ()
    constraints: tuple[ConstraintSpec, ...] = ()
    comment: str | None = None
    was: str | None = None
    drop: bool = False


@dataclass(frozen=True, slots=True)
class EnumSpec:
    """An enumerated type, all its values in order."""

    name: str
    values: tuple[str, ...]
    line: int
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One DDL statement of an `sql` fence (checked to be of an allowed kind)."""

    sql: str
    line: int


@dataclass(frozen=True, slots=True)
class DataModel:
    """What the spec says of the database, from all its notations. Statements are run in order, before the tables."""

    statements: tuple[Statement, ...] = ()
    enums: tuple[EnumSpec, ...] = ()
    tables: tuple[TableSpec, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked of the database."""
        return not (self.statements or self.enums or self.tables)


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the repository that the issue links to."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Spec:
    """`body` is the issue body as it stood when it was read; `openapi` is the parsed document of an `openapi` fence."""

    title: str
    body: str
    summary: str
    sections: tuple[Section, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    openapi: dict[str, object] | None = None
    data_model: DataModel = field(default_factory=DataModel)
    links: tuple[Link, ...] = ()

    def find_section(self, key: str) -> Section | None:
        """The section of that normalised key, if the issue has one."""
        return next((section for section in self.sections if section.key == key), None)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that cannot be read, contradicts itself or is left open.

    `line` is 1-based in the issue body, None when it concerns the whole; `quote` is that line; `expected` says what
    would be right. `kind` "gap" is an essential question, "error" is unreadable or contradictory.
    """

    kind: Literal["error", "gap"]
    message: str
    expected: str
    line: int | None = None
    quote: str = ""
