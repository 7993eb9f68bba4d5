"""The pull requests that the bot opened."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import PullRequestRow
from bot.store.values import PullRequestRecord


@dataclass(frozen=True, slots=True)
class PullRequests:
    """The `pull_requests` table."""

    engine: sa.Engine

    def ensure(self, record: PullRequestRecord) -> None:
        """Keeps the pull request; the newest run and commit stand."""
        with Session(self.engine) as session, session.begin():
            session.merge(PullRequestRow(**asdict(record)))

    def find_of_run(self, run_id: int) -> PullRequestRecord | None:
        """The pull request of that run."""
        with Session(self.engine) as session:
            row = session.scalar(sa.select(PullRequestRow).where(PullRequestRow.run_id == run_id))
            return None if row is None else _to_value(row)

    def find_by_branch(self, repository: str, branch: str) -> PullRequestRecord | None:
        """The newest pull request from that branch: it tells which commit the bot pushed last."""
        query = (
            sa.select(PullRequestRow)
            .where(PullRequestRow.repository == repository, PullRequestRow.branch == branch)
            .order_by(PullRequestRow.number.desc())
            .limit(1)
        )
        with Session(self.engine) as session:
            row = session.scalar(query)
            return None if row is None else _to_value(row)


def _to_value(row: PullRequestRow) -> PullRequestRecord:
    return PullRequestRecord(**{field.name: getattr(row, field.name) for field in fields(PullRequestRecord)})
