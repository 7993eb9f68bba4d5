"""What the handlers read of an `issue_comment` event.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.store import Delivery
from handlers.issue_event import IssueEvent, clean, read_issue_event, read_payload


@dataclass(frozen=True, slots=True)
class CommentEvent:
    """A comment on an issue or a pull request, both as they stood then.

    `issue` is the issue's part of it, its `sender` who wrote; `is_private` whether only members see the repository.
    """

    issue: IssueEvent
    comment_id: int
    text: str
    is_pull_request: bool
    is_private: bool


def read_comment_event(delivery: Delivery) -> CommentEvent:
    """The event of that delivery. Raises `BadPayload`."""
    return CommentEvent(
        issue=read_issue_event(delivery),
        comment_id=read_payload(delivery, lambda payload: int(payload["comment"]["id"])),
        text=read_payload(delivery, lambda payload: clean(payload["comment"]["body"] or "")),
        is_pull_request=read_payload(delivery, lambda payload: payload["issue"].get("pull_request") is not None),
        is_private=read_payload(delivery, lambda payload: payload["repository"]["private"] is True),
    )
