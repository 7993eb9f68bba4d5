"""/approve."""

from __future__ import annotations

from bot.store import ACTIVE
from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest


@command("spec issue")
def run(request: CommandRequest) -> Answer:
    """Has the run go on whose plan waits for approval (`plan_first`)."""
    from bot.words.loader import render
    from jobs.continuation import NothingWaits, approve_plan, is_approved

    request.take_nothing()
    found = request.find_run()
    if found is None:
        raise CannotDo("There is no run.")
    try:
        approve_plan(request.parts, found.id, request.actor)
    except NothingWaits as error:
        is_done = found.status in ACTIVE and is_approved(request.parts.store, found.id)
        if not is_done:  # else this is the same comment once more, after a worker died
            raise CannotDo("No plan waits for approval here.") from error
    return Answer(render("commands/approve.md", actor=request.actor))
