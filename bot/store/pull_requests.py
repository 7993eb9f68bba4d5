"""The pull requests that the bot opened."""

from __future__ import annotations

from dataclasses import asdict, fields

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import PullRequestRow
from bot.store.table import Table
from bot.store.values import PullRequestRecord


class PullRequestQueries(Table):
    """The `pull_requests` table."""

    def ensure_pull_request(
        self, run_id: int, repository: str, number: int, url: str, branch: str, head_sha: str
    ) -> PullRequestRecord:
        """Keeps the pull request; the newest run and commit stand."""
        record = PullRequestRecord(run_id, repository, number, url, branch, head_sha)
        with Session(self.engine) as session, session.begin():
            session.merge(PullRequestRow(**asdict(record)))
        return record

    def find_pull_request(self, run_id: int) -> PullRequestRecord | None:
        """The pull request of that run."""
        return self._find_pull_request(sa.select(PullRequestRow).where(PullRequestRow.run_id == run_id))

    def find_pull_request_by_number(self, repository: str, number: int) -> PullRequestRecord | None:
        """The pull request of that number, when the bot opened it."""
        query = sa.select(PullRequestRow).where(PullRequestRow.repository == repository)
        return self._find_pull_request(query.where(PullRequestRow.number == number))

    def find_pull_request_by_branch(self, repository: str, branch: str) -> PullRequestRecord | None:
        """The newest pull request from that branch: it tells which commit the bot pushed last."""
        query = sa.select(PullRequestRow).where(
            PullRequestRow.repository == repository, PullRequestRow.branch == branch
        )
        return self._find_pull_request(query)

    def _find_pull_request(self, query: sa.Select[PullRequestRow]) -> PullRequestRecord | None:
        with Session(self.engine) as session:
            row = session.scalar(query.order_by(PullRequestRow.number.desc()).limit(1))
            return None if row is None else _to_value(row)


def _to_value(row: PullRequestRow) -> PullRequestRecord:
    return PullRequestRecord(**{field.name: getattr(row, field.name) for field in fields(PullRequestRecord)})
