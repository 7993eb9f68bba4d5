"""The log of webhook deliveries: what was sent, what came back, once more."""

from __future__ import annotations

import json

from starlette.responses import Response

from bot.playground.errors import not_found
from bot.playground.pages.view import View, page
from bot.playground.tables import Delivery
from bot.playground.webhooks.log import list_deliveries, redeliver


@page("GET", "/settings/deliveries")
def show_deliveries(view: View) -> Response:
    """The newest deliveries of all Apps. They hold what private repositories say, so somebody must be signed in."""
    view.get_person()
    return view.render("deliveries.html", deliveries=list_deliveries(view.work))


@page("GET", "/settings/deliveries/{delivery:int}")
def show_delivery(view: View) -> Response:
    """One delivery."""
    view.get_person()
    delivery = _get(view)
    payload = json.dumps(json.loads(delivery.payload), indent=2, ensure_ascii=False)
    return view.render("delivery.html", delivery=delivery, payload=payload)


@page("POST", "/settings/deliveries/{delivery:int}/attempts")
def attempt_again(view: View) -> Response:
    """Delivers it once more."""
    view.get_person()
    redeliver(view.work, _get(view))
    return view.redirect("/settings/deliveries")


def _get(view: View) -> Delivery:
    found = view.work.session.get(Delivery, view.path["delivery"])
    if found is None:
        raise not_found()
    return found
