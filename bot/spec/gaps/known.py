"""What must be known of the schema that exists: `bot.schema.model.Schema` fits, and nothing of it is imported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class KnownColumn(Protocol):
    """A column that exists."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> str:
        """Its type as the server spells it."""

    @property
    def nullable(self) -> bool:
        """Whether rows may have none."""

    @property
    def default(self) -> str | None:
        """What rows get that say nothing."""


class KnownTable(Protocol):
    """A table that exists."""

    @property
    def schema(self) -> str:
        """The namespace."""

    @property
    def name(self) -> str:
        """Its name in it."""

    @property
    def columns(self) -> Sequence[KnownColumn]:
        """Its columns."""


class KnownObject(Protocol):
    """A type or a view that exists."""

    @property
    def schema(self) -> str:
        """The namespace."""

    @property
    def name(self) -> str:
        """Its name in it."""


class KnownSchema(Protocol):
    """A snapshot of a database."""

    @property
    def tables(self) -> Sequence[KnownTable]:
        """All tables."""

    @property
    def enums(self) -> Sequence[KnownObject]:
        """All enumerated types."""

    @property
    def domains(self) -> Sequence[KnownObject]:
        """All domains."""

    @property
    def views(self) -> Sequence[KnownObject]:
        """All views."""

    @property
    def extensions(self) -> Sequence[tuple[str, str]]:
        """Extensions with their versions."""
