"""Snapshots that were sent: the newest of each environment."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import SnapshotRow
from bot.store.table import Table
from bot.store.values import Snapshot


class SnapshotQueries(Table):
    """The `snapshots` table."""

    def set_snapshot(self, repository: str, environment: str, content: str) -> None:
        """Keeps the snapshot in place of the one before."""
        try:
            self._merge_snapshot(repository, environment, content)
        except sa.exc.IntegrityError:  # another process inserted it between our look and our insert
            self._merge_snapshot(repository, environment, content)

    def find_snapshot(self, repository: str, environment: str) -> Snapshot | None:
        """The newest snapshot of that environment."""
        with Session(self.engine) as session:
            row = session.get(SnapshotRow, (repository, environment))
            return None if row is None else Snapshot(row.repository, row.environment, row.content, row.received)

    def _merge_snapshot(self, repository: str, environment: str, content: str) -> None:
        with Session(self.engine) as session, session.begin():
            row = SnapshotRow(repository=repository, environment=environment, content=content)
            row.received = datetime.now(UTC)
            session.merge(row)
