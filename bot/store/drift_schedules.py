"""Schedules of drift checks: kept so that a missed one is known, and none is asked for twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import DriftScheduleRow, InstallationRow
from bot.store.table import Table
from bot.store.values import DriftSchedule


class DriftScheduleQueries(Table):
    """The `drift_schedules` table."""

    def set_drift_schedule(self, schedule: DriftSchedule) -> None:
        """Notes what the repository's config says now. The time that is due stays when the config says the same."""
        try:
            self._merge_schedule(schedule)
        except sa.exc.IntegrityError:  # another process inserted it between our look and our insert
            self._merge_schedule(schedule)

    def list_due_schedules(self, now: datetime, limit: int = 1000) -> Sequence[DriftSchedule]:
        """Those whose time has come, the longest overdue first."""
        query = sa.select(DriftScheduleRow).where(DriftScheduleRow.due <= now).order_by(DriftScheduleRow.due)
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query.limit(limit)))

    def advance_drift_schedule(self, schedule: DriftSchedule, due: datetime) -> bool:
        """Sets the next time; False when another process did so before."""
        row = DriftScheduleRow
        statement = sa.update(row).where(row.repository == schedule.repository, row.due == schedule.due)
        return self._update(statement.values(due=due))

    def list_unread_schedules(self, older_than: timedelta, limit: int) -> Sequence[tuple[str, int]]:
        """Repositories and their installations whose config was not read for that long, or never."""
        limit_time = datetime.now(UTC) - older_than
        with Session(self.engine) as session:
            query = sa.select(DriftScheduleRow.repository).where(DriftScheduleRow.read > limit_time)
            known = set(session.scalars(query))
            return tuple(item for item in _list_repositories(session) if item[0] not in known)[:limit]

    def _merge_schedule(self, schedule: DriftSchedule) -> None:
        values = asdict(schedule)
        with Session(self.engine) as session, session.begin():
            row = session.get(DriftScheduleRow, schedule.repository, with_for_update=True)
            if row is None:
                session.add(DriftScheduleRow(**values, read=datetime.now(UTC)))
                return
            if (row.cron, row.time_zone) != (schedule.cron, schedule.time_zone):
                row.due = schedule.due
            row.cron, row.time_zone, row.installation_id = schedule.cron, schedule.time_zone, schedule.installation_id
            row.read = datetime.now(UTC)


def _list_repositories(session: Session) -> Iterator[tuple[str, int]]:
    for row in session.scalars(sa.select(InstallationRow).where(InstallationRow.removed.is_(None))):
        yield from ((repository, row.id) for repository in row.repositories)


def _to_value(row: DriftScheduleRow) -> DriftSchedule:
    return DriftSchedule(**{field.name: getattr(row, field.name) for field in fields(DriftSchedule)})
