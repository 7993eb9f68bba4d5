"""Runs: made once a delivery, held by one worker at a time through a lease, ended with a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import RunRow
from bot.store.values import ACTIVE, Run, RunStatus


class UnknownRun(LookupError):
    """No run of that id exists."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run starts from."""

    repository: str
    installation_id: int
    issue: int
    delivery_id: str
    actor: str
    actor_id: int
    title: str
    body: str
    kind: str = "implement"


@dataclass(frozen=True, slots=True)
class Runs:
    """The `runs` table."""

    engine: sa.Engine

    def ensure(self, new: NewRun) -> tuple[Run, bool]:
        """The run of that delivery, else the active run of that issue, else a new one; and whether it is new."""
        row = RunRow(**{field.name: getattr(new, field.name) for field in fields(new)})
        row.status, row.notices, row.attempts, row.created = "queued", [], 0, datetime.now(UTC)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
            return _to_value(row), True
        except sa.exc.IntegrityError:
            existing = self._find(RunRow.delivery_id == new.delivery_id)
            existing = existing or self.find_active(new.repository, new.issue)
            if existing is None:
                raise
            return existing, False

    def get(self, run_id: int) -> Run:
        """The run of that id. Raises `UnknownRun`."""
        run = self._find(RunRow.id == run_id)
        if run is None:
            raise UnknownRun(f"no run {run_id}")
        return run

    def find_active(self, repository: str, issue: int) -> Run | None:
        """The run of that issue which is queued or running."""
        return self._find(RunRow.repository == repository, RunRow.issue == issue, RunRow.status.in_(ACTIVE))

    def find_latest(self, repository: str, issue: int) -> Run | None:
        """The newest run of that issue, whatever its status."""
        return self._find(RunRow.repository == repository, RunRow.issue == issue)

    def list_latest(self, count: int = 50) -> Sequence[Run]:
        """The newest runs, the newest first."""
        with Session(self.engine) as session:
            return [
                _to_value(row) for row in session.scalars(sa.select(RunRow).order_by(RunRow.id.desc()).limit(count))
            ]

    def claim(self, run_id: int, owner: str, lease_seconds: float, limit: int) -> Run | None:
        """Takes the lease: None when the run has ended, is held by another, or `limit` runs of its repository are held.

        The update is conditional, so of two workers that try at once one gets it.
        """
        now = datetime.now(UTC)
        other = sa.orm.aliased(RunRow)
        repository = sa.select(RunRow.repository).where(RunRow.id == run_id).scalar_subquery()
        held = (
            sa.select(sa.func.count())
            .where(
                other.repository == repository, other.id != run_id, other.status == "running", other.lease_until > now
            )
            .scalar_subquery()
        )
        statement = (
            sa.update(RunRow)
            .where(RunRow.id == run_id, RunRow.status.in_(ACTIVE))
            .where(sa.or_(RunRow.lease_until.is_(None), RunRow.lease_until <= now), held < limit)
            .values(
                status="running",
                lease_owner=owner,
                lease_until=now + timedelta(seconds=lease_seconds),
                attempts=RunRow.attempts + 1,
            )
        )
        return self.get(run_id) if self._update(statement) else None

    def renew(self, run_id: int, owner: str, lease_seconds: float) -> bool:
        """Prolongs the lease; False when it is another's by now or the run has ended."""
        until = datetime.now(UTC) + timedelta(seconds=lease_seconds)
        return self._update(_held(run_id, owner).values(lease_until=until))

    def release(self, run_id: int, owner: str) -> None:
        """Gives the lease back without an end, so that the sweep queues the run again."""
        self._update(_held(run_id, owner).values(lease_owner=None, lease_until=datetime.now(UTC)))

    def list_lost(self, queued_for_seconds: float) -> Sequence[Run]:
        """Runs that nobody works on: the lease has ended, or they have been queued for that long."""
        now = datetime.now(UTC)
        query = sa.select(RunRow).where(
            sa.or_(
                sa.and_(RunRow.status == "running", RunRow.lease_until <= now),
                sa.and_(RunRow.status == "queued", RunRow.created <= now - timedelta(seconds=queued_for_seconds)),
            )
        )
        with Session(self.engine) as session:
            return [_to_value(row) for row in session.scalars(query.order_by(RunRow.id))]

    def set_base(self, run_id: int, *, base_branch: str, base_commit: str, branch: str) -> None:
        """Notes what the run is built on and the branch it will push."""
        values = {"base_branch": base_branch, "base_commit": base_commit, "branch": branch}
        self._update(sa.update(RunRow).where(RunRow.id == run_id).values(values))

    def add_notice(self, run_id: int, notice: str) -> None:
        """Something that happened meanwhile and must be reported; the same notice is kept once."""
        with Session(self.engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is not None and notice not in row.notices:
                row.notices = [*row.notices, notice]

    def request_cancel(self, run_id: int, reason: str) -> bool:
        """Asks the worker to end the run; the first reason stands. False when the run has ended."""
        return self._update(
            sa.update(RunRow)
            .where(RunRow.id == run_id, RunRow.status.in_(ACTIVE), RunRow.cancel_reason.is_(None))
            .values(cancel_reason=reason)
        )

    def finish(self, run_id: int, status: RunStatus, detail: str) -> None:
        """Ends the run; a second end changes nothing."""
        self._update(
            sa.update(RunRow)
            .where(RunRow.id == run_id, RunRow.status.in_(ACTIVE))
            .values(status=status, detail=detail, ended=datetime.now(UTC), lease_owner=None, lease_until=None)
        )

    def _find(self, *conditions: sa.ColumnElement[bool]) -> Run | None:
        query = sa.select(RunRow).where(*conditions).order_by(RunRow.id.desc()).limit(1)
        with Session(self.engine) as session:
            row = session.scalar(query)
            return None if row is None else _to_value(row)

    def _update(self, statement: sa.Update) -> bool:
        with self.engine.begin() as connection:
            return connection.execute(statement).rowcount > 0


def _held(run_id: int, owner: str) -> sa.Update:
    return sa.update(RunRow).where(RunRow.id == run_id, RunRow.lease_owner == owner, RunRow.status == "running")


def _to_value(row: RunRow) -> Run:
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    return Run(**{**values, "notices": tuple(row.notices)})
