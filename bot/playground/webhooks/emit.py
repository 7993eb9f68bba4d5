"""An event becomes a delivery for each installation that listens: https://docs.github.com/en/webhooks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from bot.playground.shapes import make_node_id
from bot.playground.shapes.repository import render_repository
from bot.playground.shapes.user import render_organization, render_user
from bot.playground.site import Work
from bot.playground.tables import Account, App, Delivery, Installation, Repository

# These reach an App whether or not it listens: https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation
ALWAYS = ("installation", "installation_repositories", "ping")
# The permission that an App must have to hear of an event.
NEEDED = {
    "check_run": "checks",
    "check_suite": "checks",
    "create": "contents",
    "delete": "contents",
    "issue_comment": "issues",
    "issues": "issues",
    "label": "metadata",
    "pull_request": "pull_requests",
    "push": "contents",
    "repository": "metadata",
}


def emit(
    work: Work,
    event: str,
    action: str | None,
    repository: Repository,
    sender: Account,
    render: Callable[[], dict[str, Any]],
) -> None:
    """Tells an event of a repository to all installations that cover it, may hear of it and listen.

    `render` gives what is particular to the event; it is not called when nobody listens.
    """
    listeners = _list_listeners(work, event, repository)
    if not listeners:
        return
    head = {} if action is None else {"action": action}
    whole = {**head, "repository": render_repository(work, repository), **render()}
    if repository.owner.kind == "Organization":
        whole["organization"] = render_organization(work, repository.owner)
    whole["sender"] = render_user(work, sender)
    for installation in listeners:
        node = make_node_id("MDIz", installation.id)
        text = {**whole, "installation": {"id": installation.id, "node_id": node}}
        enqueue(work, installation.app, event, action, text, installation.id, repository.id)


def enqueue(
    work: Work,
    app: App,
    event: str,
    action: str | None,
    payload: dict[str, Any],
    installation_id: int | None,
    repository_id: int | None,
) -> None:
    """A delivery to an App. What it says is fixed now; it leaves when the work is kept."""
    if app.webhook_url is None:
        return
    work.has_deliveries = True
    work.add(
        Delivery(
            guid=str(uuid.uuid1()),
            app_id=app.id,
            installation_id=installation_id,
            repository_id=repository_id,
            event=event,
            action=action,
            payload=json.dumps(payload, separators=(",", ":")),
            redelivery=False,
            state="pending",
            created_at=work.now(),
            duration_seconds=0,
            status="",
            status_code=0,
            request_headers={},
            response_headers={},
            response_body="",
        )
    )


def _list_listeners(work: Work, event: str, repository: Repository) -> list[Installation]:
    query = sa.select(Installation).where(Installation.suspended_at.is_(None)).order_by(Installation.id)
    return [found for found in work.session.scalars(query) if found.covers(repository) and _listens(found, event)]


def _listens(installation: Installation, event: str) -> bool:
    return event in ALWAYS or (event in installation.events and NEEDED[event] in installation.permissions)
