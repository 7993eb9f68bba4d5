"""Who asked for which slash-command where, whether it was allowed and why: the audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import DecisionRow
from bot.store.table import Table
from bot.store.values import Decision, NewDecision


class DecisionQueries(Table):
    """The `decisions` table."""

    def ensure_decision(self, new: NewDecision) -> Decision:
        """The decision on that command of that delivery: the first one stands, whatever is decided on later tries."""
        row = DecisionRow(**asdict(new), made=datetime.now(UTC), outcome=None)
        try:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                session.add(row)
            return _to_value(row)
        except sa.exc.IntegrityError:
            found = self.find_decision(new.delivery_id, new.position)
            if found is None:
                raise
            return found

    def find_decision(self, delivery_id: str, position: int) -> Decision | None:
        """The decision on that command of that delivery."""
        query = sa.select(DecisionRow).where(DecisionRow.delivery_id == delivery_id, DecisionRow.position == position)
        return next(iter(self._list_decisions(query)), None)

    def set_outcome(self, decision_id: int, outcome: str) -> bool:
        """Notes what came of the command; the first outcome stands, and False is returned for another."""
        decision = sa.update(DecisionRow).where(DecisionRow.id == decision_id, DecisionRow.outcome.is_(None))
        return self._update(decision.values(outcome=outcome))

    def list_comments_of_delivery(self, delivery_id: str) -> Sequence[int]:
        """The ids of the comments in which commands of that delivery were allowed."""
        query = sa.select(DecisionRow).where(DecisionRow.delivery_id == delivery_id, DecisionRow.allowed)
        return tuple(dict.fromkeys(decision.comment_id for decision in self._list_decisions(query)))

    def list_decisions(
        self, *, repository: str | None = None, number: int | None = None, limit: int = 50
    ) -> Sequence[Decision]:
        """The newest decisions, the newest first."""
        query = sa.select(DecisionRow).order_by(DecisionRow.id.desc()).limit(limit)
        if repository is not None:
            query = query.where(DecisionRow.repository == repository)
        if number is not None:
            query = query.where(DecisionRow.number == number)
        return self._list_decisions(query)

    def _list_decisions(self, query: sa.Select[DecisionRow]) -> Sequence[Decision]:
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query))


def _to_value(row: DecisionRow) -> Decision:
    return Decision(**{field.name: getattr(row, field.name) for field in fields(Decision)})
