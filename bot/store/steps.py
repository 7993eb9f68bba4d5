"""The steps of a run: started, finished with an output, or failed; a finished step is never done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import StepRow
from bot.store.table import Table
from bot.store.values import Step


class StepQueries(Table):
    """The `steps` table."""

    def start_step(self, run_id: int, name: str) -> Step:
        """Notes that the step is being done, for the first time or again."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            row = session.get(StepRow, (run_id, name)) or StepRow(run_id=run_id, name=name, attempts=0)
            row.state, row.started, row.ended, row.error = "running", datetime.now(UTC), None, None
            row.attempts += 1
            session.add(row)
        return _to_value(row)

    def finish_step(self, run_id: int, name: str, output: dict[str, Any]) -> None:
        """Keeps what the step produced."""
        self._end_step(run_id, name, state="finished", output=output)

    def fail_step(self, run_id: int, name: str, error: str) -> None:
        """Keeps why the step failed."""
        self._end_step(run_id, name, state="failed", error=error)

    def list_steps(self, run_id: int) -> Sequence[Step]:
        """The steps of the run in the order in which they were first begun."""
        query = sa.select(StepRow).where(StepRow.run_id == run_id).order_by(StepRow.started)
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query))

    def _end_step(self, run_id: int, name: str, **values: object) -> None:
        statement = sa.update(StepRow).where(StepRow.run_id == run_id, StepRow.name == name)
        self._update(statement.values(ended=datetime.now(UTC), **values))


def _to_value(row: StepRow) -> Step:
    return Step(**{field.name: getattr(row, field.name) for field in fields(Step)})
