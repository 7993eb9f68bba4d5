"""What the handlers read of the events of an installation.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.store import Delivery
from handlers.issue_event import BadPayload


@dataclass(frozen=True, slots=True)
class InstallationEvent:
    """An installation and the repositories (owner/name) that the event names."""

    installation_id: int
    account: str
    repositories: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def read_installation_event(delivery: Delivery) -> InstallationEvent:
    """The event of that delivery. Raises `BadPayload`."""
    payload = json.loads(delivery.payload)
    try:
        installation = payload["installation"]
        return InstallationEvent(
            installation_id=int(installation["id"]),
            account=installation["account"].get("login") or installation["account"]["slug"],  # an enterprise has a slug
            repositories=_read_names(payload.get("repositories")),
            added=_read_names(payload.get("repositories_added")),
            removed=_read_names(payload.get("repositories_removed")),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadPayload(f"the {delivery.event} event {delivery.id} lacks a field: {error}") from error


def _read_names(repositories: list[dict[str, Any]] | None) -> tuple[str, ...]:
    return tuple(repository["full_name"] for repository in repositories or ())
