"""A comment is written on an issue or a pull request: its slash-commands are carried out."""

from __future__ import annotations

from bot.store import Delivery
from handlers.comment_event import read_comment_event
from handlers.routing import on
from handlers.run_commands import run_commands
from jobs.parts import Parts


@on("issue_comment", "created")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Carries out its commands, for those who may. An edit of the comment later changes nothing."""
    run_commands(parts, read_comment_event(delivery))
