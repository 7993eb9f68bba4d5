"""GitHub asks whether the webhook works, when it is set up."""

from __future__ import annotations

import logging

from bot.store import Delivery
from handlers.routing import on
from jobs.parts import Parts

logger = logging.getLogger(__name__)


@on("ping")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Says in the log that the whole way from GitHub to a worker works."""
    logger.info("ping received: deliveries reach the worker", extra={"delivery": delivery.id})
