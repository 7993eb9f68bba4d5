"""/drift."""

from __future__ import annotations

from handlers.command_registry import command
from handlers.command_request import Answer, CommandRequest


@command("issue", "pull request")
def run(request: CommandRequest) -> Answer:
    """Looks now where models, migrations, specs and live databases part, and tells it in the issue *Schema drift*."""
    from bot.words.loader import render

    request.take_nothing()
    event, parts = request.event.issue, request.parts
    check = parts.store.ensure_drift_check(request.repository, event.installation_id, f"command {event.delivery_id}")
    parts.queue.enqueue_check(check.id, check.attempts)
    return Answer(render("commands/drift.md"))
