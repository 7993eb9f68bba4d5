"""Who may have done it: the revision that last touched what a difference is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.drift.item import Item
from bot.drift.report import Report
from bot.drift.since import identify
from bot.migration.revision_source import RevisionSource

BY_HAND = "no revision speaks of it: it was made by hand, or by something else than the migrations"


def find_touching(report: Report, newest_first: Sequence[RevisionSource]) -> dict[str, RevisionSource | None]:
    """For each difference, by its key, the newest revision that speaks of it; None where none does."""
    words = [(source, frozenset(re.findall(r"\w+", source.text))) for source in newest_first]
    found = {}
    for comparison in report.list_comparisons():
        for item in comparison.counted:
            found[identify(comparison, item)] = _find(_list_names(item), words)
    return found


def describe_touching(
    report: Report, touching: Mapping[str, RevisionSource | None], commits: Mapping[str, str]
) -> dict[str, str]:
    """In words, by key; `commits` say of each path of a revision who last changed it."""
    found = {}
    for comparison in report.list_comparisons():
        for item in comparison.counted:
            key = identify(comparison, item)
            source = touching[key]
            if source is not None:
                commit = commits.get(source.path)
                last = f", last changed in {commit}" if commit else ""
                found[key] = f"last touched by revision `{source.revision}` (`{source.path}`{last})"
            elif item.expected is None:
                found[key] = BY_HAND
    return found


def _list_names(item: Item) -> Sequence[frozenset[str]]:
    """What must be spoken of together: first of the part in its table, then of the table alone."""
    change = item.change
    if change.table is None:
        return [frozenset([change.name])]
    both = frozenset([change.table, change.name])
    return [both] if change.action == "add" else [both, frozenset([change.table])]


def _find(
    names: Iterable[frozenset[str]], sources: Sequence[tuple[RevisionSource, frozenset[str]]]
) -> RevisionSource | None:
    return next((source for wanted in names for source, words in sources if wanted <= words), None)
