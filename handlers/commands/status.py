"""/status."""

from __future__ import annotations

from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest


@command("spec issue", "pull request")
def run(request: CommandRequest) -> Answer:
    """Says how far the newest run is."""
    from bot.words.loader import render
    from jobs.links import render_run_url

    request.take_nothing()
    found = request.find_run()
    if found is None:
        raise CannotDo("No run was started here yet.")
    steps = request.parts.store.list_steps(found.id)
    record = request.parts.store.find_pull_request(found.id)
    text = render(
        "commands/status.md",
        run=found,
        done=sum(step.state == "finished" for step in steps),
        current=next((step.name for step in steps if step.state != "finished"), None),
        run_url=render_run_url(request.parts.settings, found.id),
        pull_request_url=None if record is None else record.url,
    )
    return Answer(text)
