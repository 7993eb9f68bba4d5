"""What the handlers read of a `push` event: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.store import Delivery
from handlers.issue_event import BadPayload

MAX_COMMITS = 2048  # the payload has no more, so it does not say what the others touched
NO_COMMIT = "0" * 40
# Where models, migrations and specs are kept. Which files models come from is known only where the code runs, so a
# check too many is done rather than one too few.
_SCHEMA = re.compile(
    r"(^|[/_])(alembic|migrations?|versions|models?|entities|schemas?|tables?|db|database)([/._]|$)|^specs/|\.sql$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class PushEvent:
    """A push. `commit` is where the branch stands now; `paths` are None when they are not all known."""

    installation_id: int
    repository: str
    commit: str
    is_of_default_branch: bool
    paths: frozenset[str] | None

    def touches(self, path: str) -> bool:
        """Whether that file may have changed."""
        return self.paths is None or path in self.paths

    def may_touch_the_schema(self, models: str | None) -> bool:
        """Whether models (`models` is the config's own place for them), migrations or specs may have changed."""
        if self.paths is None:
            return True
        place = models.rstrip("/") if models else None
        return any(
            _SCHEMA.search(path) or (place and (path == place or path.startswith(f"{place}/"))) for path in self.paths
        )


def read_push_event(delivery: Delivery) -> PushEvent:
    """The event of that delivery. Raises `BadPayload`."""
    payload = json.loads(delivery.payload)
    try:
        return _read(payload)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadPayload(f"the {delivery.event} event {delivery.id} lacks a field: {error}") from error


def _read(payload: dict[str, Any]) -> PushEvent:
    repository, commit = payload["repository"], payload["after"]
    is_default = payload["ref"] == f"refs/heads/{repository['default_branch']}"
    return PushEvent(
        installation_id=int(payload["installation"]["id"]),
        repository=repository["full_name"],
        commit=commit,
        is_of_default_branch=is_default and commit != NO_COMMIT,
        paths=_read_paths(payload),
    )


def _read_paths(payload: dict[str, Any]) -> frozenset[str] | None:
    commits = payload.get("commits") or []
    if not commits or len(commits) >= MAX_COMMITS or payload.get("forced"):
        return None
    names = ("added", "modified", "removed")
    return frozenset(path for commit in commits for name in names for path in commit.get(name) or ())
