"""An issue is deleted: its run is cancelled."""

from __future__ import annotations

from bot.store import Delivery
from handlers.issue_event import read_issue_event
from handlers.routing import on
from handlers.spec_issue import cancel_run
from jobs.parts import Parts


@on("issues", "deleted")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Cancels the run."""
    event = read_issue_event(delivery)
    cancel_run(parts, event, f"{event.sender.login} deleted the issue")
