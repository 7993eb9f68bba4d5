"""The label is put on an issue: a run of its spec starts."""

from __future__ import annotations

from bot.store import Delivery
from handlers.issue_event import read_issue_event
from handlers.routing import on
from handlers.spec_issue import may_start, open_repository, start_run
from jobs.parts import Parts


@on("issues", "labeled")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Starts a run when the label of this very event is the one, and a person with write access put it there."""
    event = read_issue_event(delivery)
    if event.sender.is_bot or event.label is None or not event.is_open:
        return
    github, label = open_repository(parts, event)
    if event.label == label and may_start(github, event):
        start_run(parts, github, event, event.label)
