"""Leases: one worker at a time holds a run, and renews it; what nobody holds any more is found and taken over.

Times are those of the machines: their clocks must agree to within a fraction of a lease, as NTP sees to. If they do
not, two workers may do the same step; every effect on GitHub is find-or-create, so no harm is done but the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot.store.models import RunRow
from bot.store.runs import to_value
from bot.store.table import Table
from bot.store.values import ACTIVE, Run


class LeaseQueries(Table):
    """The leases in the `runs` table."""

    runs_per_repository: int

    def claim_run(self, run_id: int, owner: str, lease_seconds: float) -> Run | None:
        """Takes the lease of the run. None when it has ended, is held by another, or its repository has enough of them.

        The update is conditional, so of two workers that try at once one gets it.
        """
        now = datetime.now(UTC)
        statement = (
            sa.update(RunRow)
            .where(RunRow.id == run_id, RunRow.status.in_(ACTIVE))
            .where(sa.or_(RunRow.lease_until.is_(None), RunRow.lease_until <= now))
            .where(_count_others(run_id, now) < self.runs_per_repository)
            .values(status="running", attempts=RunRow.attempts + 1, lease_owner=owner)
            .values(lease_until=now + timedelta(seconds=lease_seconds))
            .returning(RunRow)
        )
        with Session(self.engine) as session, session.begin():
            _lock_repository(session, run_id)
            row = session.scalar(statement)
            return None if row is None else to_value(row)

    def renew_lease(self, run_id: int, owner: str, lease_seconds: float) -> bool:
        """Prolongs the lease; False when it is another's by now or the run has ended."""
        until = datetime.now(UTC) + timedelta(seconds=lease_seconds)
        return self._update(_held(run_id, owner).values(lease_until=until))

    def release_lease(self, run_id: int, owner: str) -> bool:
        """Gives the lease back without an end: the sweep queues the run again at once."""
        return self._update(_held(run_id, owner).values(lease_owner=None, lease_until=datetime.now(UTC)))

    def list_stuck_runs(self, queued_for_seconds: float = 0) -> Sequence[Run]:
        """Runs that nobody works on, the oldest first: the lease has ended, or they have been queued for that long."""
        now = datetime.now(UTC)
        abandoned = sa.and_(RunRow.status == "running", RunRow.lease_until <= now)
        waiting = sa.and_(RunRow.status == "queued", RunRow.created <= now - timedelta(seconds=queued_for_seconds))
        with Session(self.engine) as session:
            rows = session.scalars(sa.select(RunRow).where(sa.or_(abandoned, waiting)).order_by(RunRow.id))
            return tuple(to_value(row) for row in rows)


def _count_others(run_id: int, now: datetime) -> sa.ScalarSelect[int]:
    other = aliased(RunRow)
    return (
        sa.select(sa.func.count())
        .select_from(other)
        .where(other.repository == RunRow.repository, other.id != run_id)
        .where(other.status == "running", other.lease_until > now)
        .correlate(RunRow)
        .scalar_subquery()
    )


def _lock_repository(session: Session, run_id: int) -> None:
    # Claims of different runs would not see each other's lease and exceed the limit together. SQLite has one writer.
    if session.get_bind().dialect.name == "postgresql":
        key = sa.select(sa.func.hashtextextended(RunRow.repository, 0)).where(RunRow.id == run_id).scalar_subquery()
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _held(run_id: int, owner: str) -> sa.Update:
    return sa.update(RunRow).where(RunRow.id == run_id, RunRow.lease_owner == owner, RunRow.status == "running")
