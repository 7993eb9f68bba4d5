"""The drift checks of a repository that the bot has done, for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bot.config import read_settings
from bot.store import DriftCheck, Store

FINGERPRINT_CHARACTERS = 12
COMMIT_CHARACTERS = 10
NO_CHECK = "no check of this repository has ended"


def read_history(repository: str) -> Sequence[DriftCheck]:
    """The newest checks, the newest first. Raises `ConfigError` when this is not where the bot is set up."""
    store = Store(read_settings().get_database_url())
    try:
        return store.list_drift_checks(repository)
    finally:
        store.close()


def render_history(checks: Sequence[DriftCheck]) -> str:
    """A block of lines a check."""
    return "\n".join(line for check in checks for line in _list_lines(check)) or NO_CHECK


def render_json(checks: Sequence[DriftCheck]) -> str:
    """Everything, for programs."""
    return json.dumps([_describe(check) for check in checks], indent=2)


def _list_lines(check: DriftCheck) -> Iterator[str]:
    counts = ", ".join(f"{number} {severity}" for severity, number in (check.counts or {}).items() if number)
    commit = (check.commit or "")[:COMMIT_CHARACTERS]
    words = check.status.replace("_", " ")
    yield " ".join(filter(None, (_render_time(check.ended), commit, f"{words}{f': {counts}' if counts else ''}")))
    if check.detail:
        yield f"  {check.detail.splitlines()[0]}"
    for name, fingerprint in sorted((check.snapshots or {}).items()):
        yield f"  {name} {fingerprint[:FINGERPRINT_CHARACTERS]}"


def _render_time(time: datetime | None) -> str:
    return "" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M}Z"


def _describe(check: DriftCheck) -> dict[str, object]:
    return {
        "id": check.id,
        "ended": None if check.ended is None else check.ended.isoformat(),
        "cause": check.cause,
        "commit": check.commit,
        "status": check.status,
        "detail": check.detail,
        "counts": check.counts or {},
        "snapshots": check.snapshots or {},
        "since": check.since or {},
    }
