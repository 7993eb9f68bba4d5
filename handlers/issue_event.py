"""What the handlers read of an `issues` event.

Only the fields that are used are read, each checked: a model of the whole payload would refuse payloads that are
perfectly usable, because GitHub adds fields and Enterprise servers lag behind.
https://docs.github.com/en/webhooks/webhook-events-and-payloads#issues
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.store import Delivery

T = TypeVar("T")


class BadPayload(Exception):
    """A payload lacks a field that every payload of its event has; the message names the field."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did it. `is_bot` is true for Apps and for accounts that GitHub marks as bots."""

    login: str
    id: int
    is_bot: bool


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """An `issues` event: the issue as it stood then. `label` is the label of this event, if it is about one.

    `changed` names what an edit changed: title, body.
    """

    delivery_id: str
    installation_id: int
    repository: str
    default_branch: str
    issue: int
    title: str
    body: str
    is_open: bool
    sender: Sender
    label: str | None
    changed: frozenset[str]


def read_issue_event(delivery: Delivery) -> IssueEvent:
    """The event of that delivery. Raises `BadPayload`."""
    return read_payload(delivery, lambda payload: _read(delivery.id, payload))


def read_payload(delivery: Delivery, read: Callable[[dict[str, Any]], T]) -> T:
    """What `read` takes from the delivery's payload. Raises `BadPayload` when a field is missing or of another kind."""
    payload = json.loads(delivery.payload)
    try:
        return read(payload)
    except KeyError as error:
        raise BadPayload(f"the {delivery.event} event {delivery.id} has no field {error}") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise BadPayload(f"the {delivery.event} event {delivery.id} has a field of another kind: {error}") from error


def _read(delivery_id: str, payload: dict[str, Any]) -> IssueEvent:
    issue, repository, sender = payload["issue"], payload["repository"], payload["sender"]
    label = payload.get("label")
    return IssueEvent(
        delivery_id=delivery_id,
        installation_id=int(payload["installation"]["id"]),
        repository=repository["full_name"],
        default_branch=repository["default_branch"],
        issue=int(issue["number"]),
        title=clean(issue["title"]),
        body=clean(issue["body"] or ""),
        is_open=issue["state"] == "open",
        sender=Sender(sender["login"], int(sender["id"]), sender["type"] == "Bot" or sender["login"].endswith("[bot]")),
        label=None if label is None else label["name"],
        changed=frozenset(payload.get("changes") or {}),
    )


def clean(text: str) -> str:
    """Text that a database can hold: line ends as everywhere else, no NUL (Postgres), no lone surrogates (UTF-8)."""
    text = text.replace("\r\n", "\n").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return text.encode("utf-8", "replace").decode("utf-8")
