"""The JSON of GitHub's answers and webhooks: one file a thing, `render_…(work, row) -> dict`."""

from __future__ import annotations

from datetime import UTC, datetime


def render_time(when: datetime | None) -> str | None:
    """GitHub's spelling of a time: 2026-01-31T23:59:59Z."""
    return None if when is None else when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def make_node_id(kind: str, number: int) -> str:
    """The name of a thing in the GraphQL API. It is opaque; ours can be read."""
    return f"{kind}_kwDO{number:08d}"
