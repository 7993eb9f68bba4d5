"""The label is taken off an issue: its run is cancelled."""

from __future__ import annotations

from bot.store import Delivery
from handlers.issue_event import read_issue_event
from handlers.routing import on
from handlers.spec_issue import cancel_run
from jobs.parts import Parts


@on("issues", "unlabeled")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Cancels the run when the label is the one that started it. Whoever may take labels off may do that."""
    event = read_issue_event(delivery)
    run = parts.store.find_latest_run(event.repository, event.issue)
    if run is not None and run.label == event.label:
        cancel_run(parts, event, f"{event.sender.login} removed the label {run.label}")
