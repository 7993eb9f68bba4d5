"""What one request is, and what happened while it was carried out."""

from __future__ import annotations

from typing import Any


class DriverError(Exception):
    """Something that a person can act on; `kind` is read by the bot."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class State:
    """What happened so far, kept for the answer even when the repository's code raises."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.revision: str | None = None
        self.is_running_revision = False
        self.done: list[str] = []
        self.statements: list[dict[str, Any]] = []
        self.version_table: tuple[str | None, str] | None = None
        self.metadata: Any = None
        self.is_ended = False
