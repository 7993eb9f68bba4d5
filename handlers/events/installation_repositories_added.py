"""The App is given more repositories."""

from __future__ import annotations

from bot.store import Delivery
from handlers.installation_event import read_installation_event
from handlers.routing import on
from jobs.parts import Parts


@on("installation_repositories", "added")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Notes them."""
    event = read_installation_event(delivery)
    parts.store.ensure_installation(event.installation_id, event.account, add=event.added)
