"""The App is uninstalled."""

from __future__ import annotations

from bot.store import Delivery
from handlers.installation_event import read_installation_event
from handlers.routing import on
from jobs.parts import Parts


@on("installation", "deleted")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Notes that; what it did is kept."""
    event = read_installation_event(delivery)
    parts.store.remove_installation(event.installation_id)
