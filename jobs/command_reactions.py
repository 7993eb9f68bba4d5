"""The last reaction to a comment whose command started a run: it went well, or not."""

from __future__ import annotations

import logging

from bot.github.errors import GitHubError
from bot.github.values import Reaction
from bot.store import RunStatus
from jobs.context import RunContext

logger = logging.getLogger(__name__)

WENT_WELL: tuple[RunStatus, ...] = ("finished", "draft")


def react_to_commands(context: RunContext, status: RunStatus) -> None:
    """Reacts to the comments that started the run. A courtesy: GitHub's refusal holds up nothing."""
    content: Reaction = "rocket" if status in WENT_WELL else "confused"
    for comment in context.store.list_comments_of_delivery(context.run.delivery_id):
        try:
            context.github.ensure_comment_reaction(context.run.repository, comment, content)
        except GitHubError as error:
            logger.warning("no reaction: %s", error, extra={"run": context.run.id})
