"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime

UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def render_age(when: datetime) -> str:
    """How long ago that was: 5 minutes ago; after a month the date."""
    seconds = (datetime.now(UTC) - when).total_seconds()
    if seconds > 30 * 86_400:
        return f"on {when:%d %b %Y}"
    for size, name in UNITS:
        count = int(seconds // size)
        if count:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"
