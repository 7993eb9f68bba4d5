"""Runs: made once a delivery, one at a time per issue, ended with a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import RunRow, StepRow
from bot.store.table import Table
from bot.store.values import ACTIVE, Run, RunStatus


class UnknownRun(LookupError):
    """No run of that id exists."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run starts from: `title` and `body` as they stand in the delivery, `label` that started it."""

    repository: str
    installation_id: int
    issue: int
    delivery_id: str
    actor: str
    actor_id: int
    title: str
    body: str
    label: str
    kind: str = "implement"


class RunQueries(Table):
    """The `runs` table, but for its leases."""

    def ensure_run(self, new: NewRun) -> tuple[Run, bool]:
        """The run of that delivery, else the active run of that issue, else a new one; and whether it is new."""
        row = RunRow(**asdict(new))
        row.status, row.notices, row.attempts, row.created = "queued", [], 0, datetime.now(UTC)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
            return to_value(row), True
        except sa.exc.IntegrityError:
            existing = self._find_run(RunRow.delivery_id == new.delivery_id)
            existing = existing or self.find_active_run(new.repository, new.issue)
            if existing is None:
                raise
            return existing, False

    def get_run(self, run_id: int) -> Run:
        """The run of that id. Raises `UnknownRun`."""
        run = self._find_run(RunRow.id == run_id)
        if run is None:
            raise UnknownRun(f"no run {run_id}")
        return run

    def find_active_run(self, repository: str, issue: int) -> Run | None:
        """The run of that issue which is queued or running."""
        return self._find_run(RunRow.repository == repository, RunRow.issue == issue, RunRow.status.in_(ACTIVE))

    def find_latest_run(self, repository: str, issue: int) -> Run | None:
        """The newest run of that issue, whatever its status."""
        return self._find_run(RunRow.repository == repository, RunRow.issue == issue)

    def list_runs(
        self, *, repository: str | None = None, status: RunStatus | None = None, limit: int = 50
    ) -> Sequence[Run]:
        """The newest runs, the newest first."""
        query = sa.select(RunRow).order_by(RunRow.id.desc()).limit(limit)
        if repository is not None:
            query = query.where(RunRow.repository == repository)
        if status is not None:
            query = query.where(RunRow.status == status)
        with Session(self.engine) as session:
            return tuple(to_value(row) for row in session.scalars(query))

    def set_run_facts(
        self,
        run_id: int,
        *,
        base_branch: str | None = None,
        base_commit: str | None = None,
        branch: str | None = None,
        head_commit: str | None = None,
    ) -> None:
        """Notes what the run is built on, and what it pushes to which branch; what is None stays as it was."""
        values = {"base_branch": base_branch, "base_commit": base_commit, "branch": branch, "head_commit": head_commit}
        given = {name: value for name, value in values.items() if value is not None}
        if given:
            self._update(sa.update(RunRow).where(RunRow.id == run_id).values(given))

    def has_pushed(self, repository: str, branch: str, commit: str) -> bool:
        """Whether that commit of the branch is one that a run made, so that nobody's work is lost with it."""
        return (
            self._find_run(RunRow.repository == repository, RunRow.branch == branch, RunRow.head_commit == commit)
            is not None
        )

    def list_branches(self, repository: str, issue: int) -> Sequence[str]:
        """The branches that runs of that issue pushed, the newest first."""
        query = sa.select(RunRow.branch).where(RunRow.repository == repository, RunRow.issue == issue)
        query = query.where(RunRow.head_commit.is_not(None)).order_by(RunRow.id.desc())
        with Session(self.engine) as session:
            return tuple(dict.fromkeys(branch for branch in session.scalars(query) if branch is not None))

    def add_notice(self, run_id: int, notice: str) -> None:
        """Something that happened meanwhile and must be reported; the same notice is kept once."""
        with Session(self.engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is not None and notice not in row.notices:
                row.notices = [*row.notices, notice]

    def request_cancel(self, run_id: int, reason: str) -> bool:
        """Asks the worker to end the run, or ends it when it only waits for an answer. The first reason stands.

        Returns False when there was nothing to cancel: it has ended, or was asked to before.
        """
        run = sa.update(RunRow).where(RunRow.id == run_id, RunRow.cancel_reason.is_(None))
        asked = self._update(run.where(RunRow.status.in_(ACTIVE)).values(cancel_reason=reason))
        return asked or self._update(
            run.where(RunRow.status == "asked").values(cancel_reason=reason, status="cancelled", detail=reason)
        )

    def find_cancel_reason(self, run_id: int) -> str | None:
        """Why the run is to end, None when nobody asked for it."""
        return self.get_run(run_id).cancel_reason

    def is_cancel_requested(self, run_id: int) -> bool:
        """Whether somebody asked for the end of the run."""
        return self.find_cancel_reason(run_id) is not None

    def finish_run(self, run_id: int, status: RunStatus, detail: str | None = None) -> bool:
        """Ends the run and gives its lease back; a second end changes nothing and returns False."""
        end = {"status": status, "detail": detail, "ended": datetime.now(UTC)}
        return self._update(
            sa.update(RunRow)
            .where(RunRow.id == run_id, RunRow.status.in_(ACTIVE))
            .values(**end, lease_owner=None, lease_until=None)
        )

    def reopen_run(self, run_id: int, status: RunStatus, *, without: Sequence[str] = ()) -> Run | None:
        """Queues a run that ended with that status again; what those steps produced is forgotten: they are done anew.

        None, and nothing is changed: its status is another by now, or the issue has another run that is active.
        """
        update = sa.update(RunRow).where(RunRow.id == run_id, RunRow.status == status)
        update = update.values(status="queued", detail=None, ended=None, cancel_reason=None).returning(RunRow)
        try:
            with Session(self.engine) as session, session.begin():
                row = session.scalar(update)
                if row is None:
                    return None
                session.execute(sa.delete(StepRow).where(StepRow.run_id == run_id, StepRow.name.in_(without)))
                return to_value(row)
        except sa.exc.IntegrityError:
            return None

    def _find_run(self, *conditions: sa.ColumnElement[bool]) -> Run | None:
        query = sa.select(RunRow).where(*conditions).order_by(RunRow.id.desc()).limit(1)
        with Session(self.engine) as session:
            row = session.scalar(query)
            return None if row is None else to_value(row)


def to_value(row: RunRow) -> Run:
    """The frozen value of a row."""
    values = {field.name: getattr(row, field.name) for field in fields(Run)}
    return Run(**{**values, "notices": tuple(row.notices)})
