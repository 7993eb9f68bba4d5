"""The log of deliveries."""

from __future__ import annotations

import sqlalchemy as sa

from bot.playground.site import Work
from bot.playground.tables import Delivery


def redeliver(work: Work, delivery: Delivery) -> Delivery:
    """The same delivery once more: same GUID, same payload."""
    again = Delivery(
        guid=delivery.guid,
        app_id=delivery.app_id,
        installation_id=delivery.installation_id,
        repository_id=delivery.repository_id,
        event=delivery.event,
        action=delivery.action,
        payload=delivery.payload,
        redelivery=True,
        state="pending",
        created_at=work.now(),
        duration_seconds=0,
        status="",
        status_code=0,
        request_headers={},
        response_headers={},
        response_body="",
    )
    work.add(again)
    work.has_deliveries = True
    return again


def list_deliveries(work: Work, maximum: int = 200) -> list[Delivery]:
    """The newest deliveries of all Apps."""
    return list(work.session.scalars(sa.select(Delivery).order_by(Delivery.id.desc()).limit(maximum)))
