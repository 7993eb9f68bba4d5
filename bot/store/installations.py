"""Where the App is installed, and on which repositories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import DriftScheduleRow, InstallationRow
from bot.store.table import Table


class InstallationQueries(Table):
    """The `installations` table."""

    def ensure_installation(
        self, installation_id: int, account: str, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Notes the installation as present, with these repositories (owner/name) added and those removed."""
        if remove:
            self._end_schedules(DriftScheduleRow.repository.in_(remove))
        try:
            self._merge_installation(installation_id, account, add, remove)
        except sa.exc.IntegrityError:  # another process inserted it between our look and our insert
            self._merge_installation(installation_id, account, add, remove)

    def remove_installation(self, installation_id: int) -> None:
        """Notes the installation as gone; what it did is kept."""
        self._end_schedules(DriftScheduleRow.installation_id == installation_id)
        values = {"removed": datetime.now(UTC), "repositories": []}
        self._update(sa.update(InstallationRow).where(InstallationRow.id == installation_id).values(values))

    def find_repositories(self, installation_id: int) -> Sequence[str] | None:
        """The repositories of a present installation, None when it is unknown or gone."""
        with Session(self.engine) as session:
            row = session.get(InstallationRow, installation_id)
            return None if row is None or row.removed is not None else tuple(row.repositories)

    def find_installation(self, repository: str) -> int | None:
        """The present installation that covers the repository."""
        with Session(self.engine) as session:
            rows = session.scalars(sa.select(InstallationRow).where(InstallationRow.removed.is_(None)))
            return next((row.id for row in rows if repository in row.repositories), None)

    def _end_schedules(self, condition: sa.ColumnElement[bool]) -> None:
        self._update(sa.update(DriftScheduleRow).where(condition).values(cron=None, due=None))

    def _merge_installation(
        self, installation_id: int, account: str, add: Sequence[str], remove: Sequence[str]
    ) -> None:
        with Session(self.engine) as session, session.begin():
            row = session.get(InstallationRow, installation_id, with_for_update=True)
            if row is None:
                row = InstallationRow(id=installation_id, repositories=[])
                session.add(row)
            row.account, row.removed = account, None
            row.repositories = sorted({*row.repositories, *add} - set(remove))
