"""/implement."""

from __future__ import annotations

from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest
from handlers.spec_issue import start_run


@command("issue")
def run(request: CommandRequest) -> Answer:
    """Starts a run of the issue's text as it is now, or starts again."""
    request.take_nothing()
    issue = request.event.issue
    if not issue.is_open:
        raise CannotDo("The issue is closed; open it again first.")
    active = request.parts.store.find_active_run(issue.repository, issue.issue)
    if active is not None and active.delivery_id != issue.delivery_id:
        raise CannotDo("A run is under way; `/cancel` ends it.")
    start_run(request.parts, request.github, issue, request.config.label or request.parts.settings.label)
    return Answer(is_pending=True)
