"""Webhook deliveries: recorded once, kept whole, marked as they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import DeliveryRow
from bot.store.table import Table
from bot.store.values import Delivery, DeliveryState

MAX_ATTEMPTS = 10  # the pauses add up to four hours: longer than GitHub's rate limits and most of its outages
FIRST_PAUSE_SECONDS = 15
QUEUED_SECONDS = 600  # who was queued that long ago and is not done was lost with Redis, or its worker was killed


class UnknownDelivery(LookupError):
    """No delivery of that id was recorded."""


class DeliveryQueries(Table):
    """The `deliveries` table. `due` is when the sweep is to queue the delivery, None once it is done or failed."""

    def record_delivery(
        self,
        delivery_id: str,
        event: str,
        action: str | None,
        installation_id: int | None,
        payload: bytes,
        repository: str | None = None,
    ) -> bool:
        """Commits the delivery. Returns False when that id was recorded before: a redelivery does nothing twice."""
        now = datetime.now(UTC)
        values = {"id": delivery_id, "event": event, "action": action, "installation_id": installation_id}
        row = DeliveryRow(**values, repository=repository, payload=payload, state="accepted", received=now, due=now)
        row.attempts = 0
        try:
            with Session(self.engine) as session, session.begin():
                session.add(row)
        except sa.exc.IntegrityError:
            if self._find_delivery(delivery_id) is None:
                raise
            return False
        return True

    def get_delivery(self, delivery_id: str) -> Delivery:
        """The delivery of that id. Raises `UnknownDelivery`."""
        delivery = self._find_delivery(delivery_id)
        if delivery is None:
            raise UnknownDelivery(f"no delivery {delivery_id} was recorded")
        return delivery

    def list_deliveries(self, limit: int = 50) -> Sequence[Delivery]:
        """The newest deliveries, the newest first."""
        query = sa.select(DeliveryRow).order_by(DeliveryRow.received.desc()).limit(limit)
        return self._list_deliveries(query)

    def list_unqueued_deliveries(self, older_than_seconds: float) -> Sequence[Delivery]:
        """Deliveries that should have been queued (again) that long ago, the oldest first."""
        limit = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        return self._list_deliveries(
            sa.select(DeliveryRow).where(DeliveryRow.due <= limit).order_by(DeliveryRow.received)
        )

    def mark_delivery(self, delivery_id: str, state: DeliveryState, error: str | None = None) -> None:
        """Notes how far the delivery has come. Queueing counts as an attempt; what is done is not queued again."""
        now = datetime.now(UTC)
        statement = sa.update(DeliveryRow).where(DeliveryRow.id == delivery_id)
        if state == "queued":
            due = now + timedelta(seconds=QUEUED_SECONDS)
            statement = statement.where(DeliveryRow.state.in_(["accepted", "queued"]))
            statement = statement.values(attempts=DeliveryRow.attempts + 1, due=due)
        else:
            statement = statement.values(due=now if state == "accepted" else None)
        self._update(statement.values(state=state, error=error))

    def postpone_delivery(self, delivery_id: str, error: str) -> bool:
        """After an error that may pass: to be queued again, each time after a longer pause.

        Returns False when it was tried often enough: then it is marked as failed.
        """
        attempts = self.get_delivery(delivery_id).attempts
        if attempts >= MAX_ATTEMPTS:
            self.mark_delivery(delivery_id, "failed", error)
            return False
        due = datetime.now(UTC) + timedelta(seconds=FIRST_PAUSE_SECONDS * 2**attempts)
        statement = sa.update(DeliveryRow).where(DeliveryRow.id == delivery_id)
        self._update(statement.values(state="accepted", error=error, due=due))
        return True

    def _find_delivery(self, delivery_id: str) -> Delivery | None:
        return next(iter(self._list_deliveries(sa.select(DeliveryRow).where(DeliveryRow.id == delivery_id))), None)

    def _list_deliveries(self, query: sa.Select[DeliveryRow]) -> Sequence[Delivery]:
        with Session(self.engine) as session:
            return tuple(_to_value(row) for row in session.scalars(query))


def _to_value(row: DeliveryRow) -> Delivery:
    return Delivery(**{field.name: getattr(row, field.name) for field in fields(Delivery)})
