"""The transcript of a run as the engineer uses it: all that it knows, and all that it needs to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from bot.store import Entry, EntryKind, Store

VALUES = "values"


@dataclass
class Transcript:
    """The lines that are there, in memory as in the store; a line is in both before anything follows from it."""

    store: Store
    run_id: int
    entries: list[Entry]

    @classmethod
    def open(cls, store: Store, run_id: int) -> Transcript:
        """What the store has of that run."""
        return cls(store, run_id, list(store.list_entries(run_id)))

    def add(self, conversation: str, kind: EntryKind, content: dict[str, Any], duration_seconds: float = 0.0) -> Entry:
        """Adds a line. Raises `TranscriptTaken` when another worker was faster."""
        number = len(self.entries) + 1
        entry = self.store.add_entry(self.run_id, number, conversation, kind, content, duration_seconds)
        self.entries.append(entry)
        return entry

    def list_conversation(self, name: str) -> list[Entry]:
        """The lines of that conversation."""
        return [entry for entry in self.entries if entry.conversation == name]

    def keep(self, key: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The value of that key, made at most once in a run."""
        known = self.find_value(key)
        if known is not None:
            return known
        started = monotonic()
        value = make()
        self.add(VALUES, "value", {"key": key, "value": value}, monotonic() - started)
        return value

    def find_value(self, key: str) -> dict[str, Any] | None:
        """The value that was kept under that key."""
        found = (entry.content for entry in self.entries if entry.conversation == VALUES)
        return next((dict(content["value"]) for content in found if content["key"] == key), None)

    def find_kept(self) -> dict[str, Any] | None:
        """What the last tool that had anything to keep has kept."""
        return next((entry.content["kept"] for entry in reversed(self.entries) if "kept" in entry.content), None)

    def find_patch(self) -> str | None:
        """The files as the last line that changed any has left them; None when none has yet."""
        contents = (entry.content.get("value", entry.content) for entry in reversed(self.entries))
        return next((content["patch"] for content in contents if "patch" in content), None)
