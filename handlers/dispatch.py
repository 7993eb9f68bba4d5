"""The job that takes a recorded delivery to its handler, in the worker."""

from __future__ import annotations

import logging

from bot.config import read_settings
from bot.github.errors import RateLimited, Unavailable
from bot.store import Delivery
from handlers.routing import get_handlers
from jobs.parts import Parts, make_parts
from jobs.queue import JobTimeout, QueueUnavailable

logger = logging.getLogger(__name__)

MAY_PASS = (RateLimited, Unavailable, QueueUnavailable, JobTimeout)


def run(delivery_id: str) -> None:
    """Dispatches the delivery, unless that was done already."""
    parts = make_parts(read_settings())
    try:
        dispatch(parts, delivery_id)
    finally:
        parts.store.close()


def dispatch(parts: Parts, delivery_id: str) -> None:
    """Takes the delivery through its handler. An error that may pass is tried again later, by the sweep."""
    delivery = parts.store.get_delivery(delivery_id)
    if delivery.state in ("done", "failed"):
        return
    facts = _name(delivery)
    try:
        get_handlers()[delivery.event, delivery.action](delivery, parts)
    except MAY_PASS as error:
        again = parts.store.postpone_delivery(delivery_id, _render(error))
        logger.warning("delivery not handled: %s", error, extra={**facts, "tried_again": again})
    except Exception as error:
        parts.store.mark_delivery(delivery_id, "failed", _render(error))
        logger.exception("delivery failed", extra=facts)
    else:
        parts.store.mark_delivery(delivery_id, "done")
        logger.info("delivery handled", extra=facts)


def _name(delivery: Delivery) -> dict[str, object]:
    event = f"{delivery.event}.{delivery.action}" if delivery.action else delivery.event
    return {"delivery": delivery.id, "event": event, "repository": delivery.repository}


def _render(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
