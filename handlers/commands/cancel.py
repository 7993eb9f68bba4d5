"""/cancel."""

from __future__ import annotations

from bot.store import ACTIVE
from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest


@command("spec issue", "pull request")
def run(request: CommandRequest) -> Answer:
    """Ends the run that is under way or waits for an answer."""
    from bot.words.loader import render

    request.take_nothing()
    found = request.find_run()
    if found is None or found.status not in (*ACTIVE, "asked"):
        raise CannotDo("No run is under way.")
    request.parts.store.request_cancel(found.id, f"{request.actor} asked for it")
    return Answer(render("commands/cancel.md", actor=request.actor))
