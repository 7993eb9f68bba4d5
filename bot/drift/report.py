"""Everything that one check found, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.drift.history import HistoryItem
from bot.drift.item import SEVERITIES, Comparison, Item, Severity, Way
from bot.drift.live import Environment


@dataclass(frozen=True, slots=True)
class Report:
    """`comparisons` are those within the repository; `notes` say what was not compared, and why.

    `touched` says of differences, by the keys of `bot.drift.since`, who may have made them.
    """

    commit: str
    comparisons: tuple[Comparison, ...]
    environments: tuple[Environment, ...]
    history: tuple[HistoryItem, ...]
    notes: tuple[str, ...] = ()
    touched: Mapping[str, str] = field(default_factory=dict)

    def list_comparisons(self) -> Iterator[Comparison]:
        """All of them, those of environments last."""
        yield from self.comparisons
        yield from (item.comparison for item in self.environments if item.comparison is not None)

    def list_items(self) -> Iterator[Item | HistoryItem]:
        """Everything that was found, ignored or not."""
        yield from (item for comparison in self.list_comparisons() for item in comparison.items)
        yield from self.history

    def count(self) -> dict[Severity, int]:
        """How many differences there are of each severity, without the ignored ones."""
        found = [item.severity for item in self.list_items() if item.ignored is None]
        return {severity: found.count(severity) for severity in SEVERITIES}

    @property
    def has_drift(self) -> bool:
        """Whether anything counts."""
        return any(self.count().values())

    @property
    def is_whole(self) -> bool:
        """Whether every environment that was asked for could be compared."""
        return all(environment.failure is None for environment in self.environments)


def to_json(report: Report) -> dict[str, Any]:
    """What programs get."""
    return {
        "drift": report.has_drift,
        "complete": report.is_whole,
        "commit": report.commit,
        "counts": report.count(),
        "comparisons": [_describe_comparison(item) for item in report.comparisons],
        "environments": [_describe_environment(item) for item in report.environments],
        "history": [_describe_history(item) for item in report.history],
        "notes": list(report.notes),
    }


def _describe_comparison(comparison: Comparison) -> dict[str, Any]:
    items = [_describe_item(item) for item in comparison.items]
    return {"expected": comparison.expected, "actual": comparison.actual, "items": items}


def _describe_environment(environment: Environment) -> dict[str, Any]:
    failure, position = environment.failure, environment.position
    return {
        "name": environment.name,
        "server_version": environment.server_version,
        "fingerprint": environment.fingerprint,
        "failure": None if failure is None else {"kind": failure.kind, "message": failure.message},
        "state": None if position is None else position.state,
        "revisions": [] if position is None else list(position.current),
        "behind": [] if position is None else list(position.behind),
        "ahead": [] if position is None else list(position.ahead),
        "comparison": None if environment.comparison is None else _describe_comparison(environment.comparison),
    }


def _describe_item(item: Item) -> dict[str, Any]:
    change = item.change
    return {
        "kind": change.kind,
        "found": {"add": "only in actual", "drop": "missing in actual", "alter": "different"}[change.action],
        "schema": change.schema,
        "table": change.table,
        "name": change.name,
        "severity": item.severity,
        "title": item.title,
        "expected": item.expected,
        "actual": item.actual,
        "to_expected": _describe_way(item.to_expected),
        "to_actual": _describe_way(item.to_actual),
        "along": [{"kind": other.kind, "table": other.table, "name": other.name} for other in item.along],
        "ignored": _describe_ignored(item),
    }


def _describe_way(way: Way) -> dict[str, Any]:
    return {"statements": list(way.statements), "losses": list(way.losses), "obstacle": way.obstacle or None}


def _describe_history(item: HistoryItem) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "name": item.name,
        "severity": item.severity,
        "title": item.title,
        "remedy": item.remedy,
        "ignored": _describe_ignored(item),
    }


def _describe_ignored(item: Item | HistoryItem) -> dict[str, str | None] | None:
    if item.ignored is None:
        return None
    until = item.ignored.until
    return {"reason": item.ignored.reason, "until": None if until is None else until.isoformat()}
