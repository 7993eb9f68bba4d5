"""An issue is edited: a run that waits for an answer is taken up again, one that is going reports the edit."""

from __future__ import annotations

from bot.store import ACTIVE, Delivery
from handlers.issue_event import read_issue_event
from handlers.routing import on
from handlers.spec_issue import may_start, note_edit, open_repository, start_run
from jobs.parts import Parts

TEXT = frozenset({"title", "body"})


@on("issues", "edited")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Starts a run with the edited text, or notes the edit: a run follows the text that it was started with."""
    event = read_issue_event(delivery)
    run = parts.store.find_latest_run(event.repository, event.issue)
    if run is None or event.sender.is_bot or not event.changed & TEXT:
        return
    if run.status in ACTIVE and run.delivery_id != delivery.id:
        note_edit(parts, run, event)
    elif run.status == "asked" or run.delivery_id == delivery.id:
        github, _ = open_repository(parts, event)
        if may_start(github, event):
            start_run(parts, github, event, run.label)
