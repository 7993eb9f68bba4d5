"""The log of an App's webhook deliveries: https://docs.github.com/en/rest/apps/webhooks."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import not_found
from bot.playground.routes.apps import get_signed_in
from bot.playground.shapes import render_time
from bot.playground.site import Work
from bot.playground.tables import Delivery
from bot.playground.webhooks.log import redeliver


@route("GET", "/app/hook/deliveries")
def list_deliveries(call: Call) -> Any:
    """The deliveries, newest first."""
    query = sa.select(Delivery).where(Delivery.app_id == get_signed_in(call).id, Delivery.state != "pending")
    return paginate(call, list(call.work.session.scalars(query.order_by(Delivery.id.desc()))), _render_short)


@route("GET", "/app/hook/deliveries/{delivery:int}")
def get_delivery(call: Call) -> Any:
    """One delivery, whole."""
    delivery = _get(call)
    return {
        **_render_short(call.work, delivery),
        "url": delivery.app.webhook_url,
        "request": {"headers": delivery.request_headers, "payload": json.loads(delivery.payload)},
        "response": {"headers": delivery.response_headers, "payload": delivery.response_body},
    }


@route("POST", "/app/hook/deliveries/{delivery:int}/attempts")
def attempt_again(call: Call) -> Any:
    """Delivers it once more, under the same GUID."""
    redeliver(call.work, _get(call))
    return Answer({}, 202)


def _get(call: Call) -> Delivery:
    app = get_signed_in(call)
    found = call.work.session.get(Delivery, call.path["delivery"])
    if found is None or found.app_id != app.id:
        raise not_found()
    return found


def _render_short(_: Work, delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": render_time(delivery.created_at),
        "redelivery": delivery.redelivery,
        "duration": round(delivery.duration_seconds, 2),
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }
