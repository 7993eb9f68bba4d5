"""Since when each difference is there: it is known by what it is about, whatever its definitions are by now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from bot.drift.history import HistoryItem
from bot.drift.item import Comparison, Item
from bot.drift.report import Report

KEY_CHARACTERS = 16
HISTORY = "history"


def identify(comparison: Comparison, item: Item) -> str:
    """The same for the same difference in every check: the actual side's name, and a digest."""
    change = item.change
    facts = [change.kind, change.schema, change.table, change.name, change.action]
    return _make_key(comparison.actual, [_get_source(comparison), *facts])


def identify_history(item: HistoryItem) -> str:
    """As `identify`."""
    return _make_key(HISTORY, [item.kind, item.name])


def list_keys(report: Report) -> Iterator[str]:
    """Those of all that counts."""
    for comparison in report.list_comparisons():
        yield from (identify(comparison, item) for item in comparison.counted)
    yield from (identify_history(item) for item in report.history if item.ignored is None)


def carry_on(previous: Mapping[str, str], report: Report, now: str) -> dict[str, str]:
    """When each difference was first seen. What an environment had that does not answer now is kept."""
    silent = tuple(f"{environment.name}/" for environment in report.environments if environment.failure is not None)
    kept = {key: since for key, since in previous.items() if key.startswith(silent)} if silent else {}
    return {**kept, **{key: previous.get(key, now) for key in list_keys(report)}}


def _get_source(comparison: Comparison) -> str:
    # A database that is behind is compared with other revisions than one that is level: that is the same source.
    return comparison.expected.removesuffix(" that it has run")


def _make_key(place: str, facts: object) -> str:
    return f"{place}/{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:KEY_CHARACTERS]}"
