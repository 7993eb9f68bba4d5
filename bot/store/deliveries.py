"""Webhook deliveries: recorded once, kept whole, marked as they go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.store.models import DeliveryRow
from bot.store.values import Delivery, DeliveryState


class UnknownDelivery(LookupError):
    """No delivery of that id was recorded."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The `deliveries` table."""

    engine: sa.Engine

    def record(
        self,
        delivery_id: str,
        *,
        event: str,
        action: str | None,
        installation_id: int | None,
        repository: str | None,
        payload: bytes,
    ) -> bool:
        """Commits the delivery. Returns False when that id was recorded before: a redelivery does nothing twice."""
        row = DeliveryRow(
            id=delivery_id,
            event=event,
            action=action,
            installation_id=installation_id,
            repository=repository,
            payload=payload,
            state="accepted",
            received=datetime.now(UTC),
        )
        try:
            with Session(self.engine) as session, session.begin():
                session.add(row)
        except sa.exc.IntegrityError:
            return False
        return True

    def get(self, delivery_id: str) -> Delivery:
        """The delivery of that id. Raises `UnknownDelivery`."""
        with Session(self.engine) as session:
            row = session.get(DeliveryRow, delivery_id)
            if row is None:
                raise UnknownDelivery(f"no delivery {delivery_id} was recorded")
            return _to_value(row)

    def mark(self, delivery_id: str, state: DeliveryState, error: str | None = None) -> None:
        """Notes how far the delivery has come. One that is done never goes back to queued."""
        statement = sa.update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(state=state, error=error)
        if state == "queued":
            statement = statement.where(DeliveryRow.state == "accepted")
        with self.engine.begin() as connection:
            connection.execute(statement)

    def list_unfinished(self, older_than_seconds: float) -> Sequence[Delivery]:
        """Deliveries that were accepted or queued that long ago and are not done: the queue may have lost them."""
        limit = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        query = (
            sa.select(DeliveryRow)
            .where(DeliveryRow.state.in_(["accepted", "queued"]), DeliveryRow.received <= limit)
            .order_by(DeliveryRow.received)
        )
        with Session(self.engine) as session:
            return [_to_value(row) for row in session.scalars(query)]


def _to_value(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        event=row.event,
        action=row.action,
        installation_id=row.installation_id,
        repository=row.repository,
        payload=row.payload,
        state=row.state,  # type: ignore[arg-type]  # written by us alone
        received=row.received,
        error=row.error,
    )
