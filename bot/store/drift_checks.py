"""Drift checks: one waits and one is worked on per repository; what each found is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from bot.store.models import DriftCheckRow
from bot.store.table import Table
from bot.store.values import DriftCheck, DriftStatus

ENDED: tuple[DriftStatus, ...] = ("none", "drift", "could_not_check")


class UnknownDriftCheck(LookupError):
    """No drift check of that id exists."""


@dataclass(frozen=True, slots=True)
class DriftResult:
    """How a check ended: the fields of `DriftCheck` that are known only then."""

    status: DriftStatus
    detail: str | None = None
    commit: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    snapshots: Mapping[str, str] = field(default_factory=dict)
    since: Mapping[str, str] = field(default_factory=dict)


class DriftCheckQueries(Table):
    """The `drift_checks` table."""

    def ensure_drift_check(self, repository: str, installation_id: int, cause: str) -> DriftCheck:
        """The check of that cause, else the one that waits already, else a new one."""
        row = DriftCheckRow(repository=repository, installation_id=installation_id, cause=cause)
        row.status, row.attempts, row.created = "queued", 0, datetime.now(UTC)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
            return _to_value(row)
        except sa.exc.IntegrityError:
            existing = self._find(DriftCheckRow.repository == repository, DriftCheckRow.cause == cause)
            existing = existing or self._find(DriftCheckRow.repository == repository, DriftCheckRow.status == "queued")
            if existing is None:  # the one that waited was claimed between our insert and our look
                return self.ensure_drift_check(repository, installation_id, cause)
            return existing

    def get_drift_check(self, check_id: int) -> DriftCheck:
        """The check of that id. Raises `UnknownDriftCheck`."""
        check = self._find(DriftCheckRow.id == check_id)
        if check is None:
            raise UnknownDriftCheck(f"no drift check {check_id}")
        return check

    def list_drift_checks(self, repository: str, limit: int = 50) -> Sequence[DriftCheck]:
        """The newest checks of the repository that have ended, the newest first."""
        query = sa.select(DriftCheckRow).where(DriftCheckRow.repository == repository, DriftCheckRow.status.in_(ENDED))
        return self._list(query.order_by(DriftCheckRow.id.desc()).limit(limit))

    def claim_drift_check(self, check_id: int, owner: str, lease_seconds: float) -> DriftCheck | None:
        """Takes the lease of the check. None when it has ended, or when it or another of its repository is held.

        The update is conditional, so of two workers that try at once one gets it.
        """
        now = datetime.now(UTC)
        statement = (
            sa.update(DriftCheckRow)
            .where(DriftCheckRow.id == check_id, DriftCheckRow.status.in_(["queued", "running"]))
            .where(sa.or_(DriftCheckRow.lease_until.is_(None), DriftCheckRow.lease_until <= now))
            .where(~_is_another_held(check_id, now))
            .values(status="running", attempts=DriftCheckRow.attempts + 1, lease_owner=owner)
            .values(lease_until=now + timedelta(seconds=lease_seconds))
            .returning(DriftCheckRow)
        )
        with Session(self.engine) as session, session.begin():
            _lock_repository(session, check_id)
            row = session.scalar(statement)
            return None if row is None else _to_value(row)

    def renew_drift_lease(self, check_id: int, owner: str, lease_seconds: float) -> bool:
        """Prolongs the lease; False when it is another's by now or the check has ended."""
        return self._update(_held(check_id, owner).values(lease_until=datetime.now(UTC) + _seconds(lease_seconds)))

    def finish_drift_check(self, check_id: int, owner: str, result: DriftResult) -> bool:
        """Ends the check and gives its lease back; False when it was not held any more: then nothing is changed."""
        found = {item.name: getattr(result, item.name) for item in fields(result)}
        end = {**found, "ended": datetime.now(UTC), "lease_owner": None, "lease_until": None}
        return self._update(_held(check_id, owner).values(end))

    def list_stuck_drift_checks(self, queued_for_seconds: float = 0) -> Sequence[DriftCheck]:
        """Checks that nobody works on, the oldest first: the lease has ended, or they have waited for that long."""
        now = datetime.now(UTC)
        row = DriftCheckRow
        abandoned = sa.and_(row.status == "running", row.lease_until <= now)
        waiting = sa.and_(row.status == "queued", row.created <= now - _seconds(queued_for_seconds))
        return self._list(sa.select(row).where(sa.or_(abandoned, waiting)).order_by(row.id))

    def _find(self, *conditions: sa.ColumnElement[bool]) -> DriftCheck | None:
        query = sa.select(DriftCheckRow).where(*conditions).order_by(DriftCheckRow.id.desc()).limit(1)
        return next(iter(self._list(query)), None)

    def _list(self, query: sa.Select[DriftCheckRow]) -> Sequence[DriftCheck]:
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query))


def _is_another_held(check_id: int, now: datetime) -> sa.Exists:
    other = aliased(DriftCheckRow)
    return (
        sa.exists()
        .where(other.repository == DriftCheckRow.repository, other.id != check_id)
        .where(other.status == "running", other.lease_until > now)
        .correlate(DriftCheckRow)
    )


def _lock_repository(session: Session, check_id: int) -> None:
    # Claims of two checks would not see each other's lease. SQLite has one writer.
    if session.get_bind().dialect.name == "postgresql":
        name = sa.select("drift " + DriftCheckRow.repository).where(DriftCheckRow.id == check_id).scalar_subquery()
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _held(check_id: int, owner: str) -> sa.Update:
    row = DriftCheckRow
    return sa.update(row).where(row.id == check_id, row.lease_owner == owner, row.status == "running")


def _seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def _to_value(row: DriftCheckRow) -> DriftCheck:
    return DriftCheck(**{field.name: getattr(row, field.name) for field in fields(DriftCheck)})
