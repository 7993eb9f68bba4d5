"""The transcript of a run: added to line by line, so that a worker that dies loses nothing that was paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import EntryRow
from bot.store.table import Table
from bot.store.values import Entry, EntryKind


class TranscriptTaken(Exception):
    """Another worker has written this line: it holds the run now."""


class TranscriptQueries(Table):
    """The `transcript` table."""

    def add_entry(
        self,
        run_id: int,
        number: int,
        conversation: str,
        kind: EntryKind,
        content: dict[str, Any],
        duration_seconds: float = 0.0,
    ) -> Entry:
        """Commits the line `number`. Raises `TranscriptTaken` when there is one of that number."""
        row = EntryRow(run_id=run_id, number=number, conversation=conversation, kind=kind, content=content)
        row.duration_seconds, row.created = duration_seconds, datetime.now(UTC)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
        except sa.exc.IntegrityError as error:
            raise TranscriptTaken(f"line {number} of run {run_id} is there already") from error
        return _to_value(row)

    def list_entries(self, run_id: int) -> Sequence[Entry]:
        """All lines of the run, in their order."""
        query = sa.select(EntryRow).where(EntryRow.run_id == run_id).order_by(EntryRow.number)
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query))

    def list_conversation(self, run_id: int, name: str) -> Sequence[Entry]:
        """The lines of one conversation."""
        query = sa.select(EntryRow).where(EntryRow.run_id == run_id, EntryRow.conversation == name)
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query.order_by(EntryRow.number)))

    def list_costs(self, run_id: int) -> Sequence[Entry]:
        """All lines, with no more of their content than what an answer has cost (`usage`, `model`)."""
        cost = (EntryRow.content["usage"], EntryRow.content["model"])
        plain = (EntryRow.number, EntryRow.conversation, EntryRow.kind, EntryRow.duration_seconds, EntryRow.created)
        query = sa.select(*plain, *cost).where(EntryRow.run_id == run_id).order_by(EntryRow.number)
        with Session(self.engine) as session:
            rows = session.execute(query).all()
        return tuple(
            Entry(run_id, number, conversation, kind, {"usage": usage, "model": model}, duration_seconds, created)
            for number, conversation, kind, duration_seconds, created, usage, model in rows
        )


def _to_value(row: EntryRow) -> Entry:
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})
