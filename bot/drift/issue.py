"""The issue *Schema drift*: what a check found, as Markdown that reads the same as long as the same is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.drift.item import SEVERITIES, Comparison, Item, Way
from bot.drift.report import Report
from bot.drift.since import identify, identify_history
from bot.words.loader import render

TITLE = "Schema drift"
MAX_DETAILED_CHARACTERS = 40_000  # of the 65,536 that GitHub takes; the diff and the rest need their place
MAX_DIFF_CHARACTERS = 10_000
MAX_DEFINITION_CHARACTERS = 1_500
DATE_CHARACTERS = 10  # of an ISO 8601 time


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was compared, and the differences by severity, or why it could not be."""

    place: str
    counts: Sequence[int] = ()
    failure: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference as the template takes it."""

    severity: str
    title: str
    place: str
    since: str
    touched: str = ""
    expected_name: str = ""
    actual_name: str = ""
    expected: str = ""
    actual: str = ""
    along: Sequence[str] = ()
    ways: Sequence[tuple[str, Way]] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An issue: the text and the state it should have."""

    body: str
    state: Literal["open", "closed"]


def render_issue(report: Report | None, failure: str | None, since: Mapping[str, str]) -> Told:
    """The issue of that check; `failure` says what could not be checked, `since` when each difference was first seen.

    It names neither commit nor time, so that it reads the same as long as the same is found.
    """
    if report is None:
        return Told(render("drift/failed.md", failure=failure or ""), "open")
    if failure is None and not report.has_drift:
        return Told(render("drift/none.md", ignored=_list_ignored(report)), "closed")
    shown = sorted(_list_shown(report, since), key=lambda item: SEVERITIES.index(item.severity))
    detailed, left_out = _render_details(shown)
    body = render(
        "drift/issue.md",
        rows=tuple(_list_rows(report)),
        details=detailed,
        left_out=left_out,
        diff=_render_diff(shown),
        diagrams=tuple((_name(item), item.diagram) for item in report.list_comparisons() if item.counted),
        ignored=_list_ignored(report),
        notes=report.notes,
    )
    return Told(body, "open")


def _list_rows(report: Report) -> Iterator[Row]:
    for comparison in report.comparisons:
        yield Row(_name(comparison), _count([item.severity for item in comparison.counted]))
    for environment in report.environments:
        if environment.failure is not None:
            yield Row(environment.name, failure=environment.failure.message)
        if environment.comparison is not None:
            found = [item.severity for item in environment.comparison.counted]
            state = environment.position.state if environment.position else "unmanaged"
            yield Row(_name(environment.comparison), _count(found), state="" if state == "level" else state)
    yield Row("history", _count([item.severity for item in report.history if item.ignored is None]))


def _count(severities: Sequence[str]) -> tuple[int, ...]:
    return tuple(severities.count(severity) for severity in SEVERITIES)


def _name(comparison: Comparison) -> str:
    return f"{comparison.expected} ↔ {comparison.actual}"


def _list_shown(report: Report, since: Mapping[str, str]) -> Iterator[Shown]:
    for comparison in report.list_comparisons():
        for item in comparison.counted:
            yield _show(comparison, item, report, since)
    for found in report.history:
        if found.ignored is None:
            seen = since.get(identify_history(found), "")[:DATE_CHARACTERS]
            yield Shown(found.severity, found.title, "history", seen, remedy=found.remedy)


def _show(comparison: Comparison, item: Item, report: Report, since: Mapping[str, str]) -> Shown:
    key = identify(comparison, item)
    return Shown(
        severity=item.severity,
        title=item.title,
        place=_name(comparison),
        since=since.get(key, "")[:DATE_CHARACTERS],
        touched=report.touched.get(key, ""),
        expected_name=comparison.expected,
        actual_name=comparison.actual,
        expected=item.expected or "",
        actual=item.actual or "",
        along=tuple(f"{other.kind} {other.name}" for other in item.along),
        ways=(
            (f"To make {comparison.actual} like {comparison.expected}", item.to_expected),
            (f"To make {comparison.expected} like {comparison.actual}", item.to_actual),
        ),
    )


def _render_details(shown: Sequence[Shown]) -> tuple[str, int]:
    """As many items in full as there is place for, and how many are left out."""
    texts: list[str] = []
    for item in shown:
        text = render("drift/item.md", item=item, longest=MAX_DEFINITION_CHARACTERS)
        if sum(map(len, texts)) + len(text) > MAX_DETAILED_CHARACTERS:
            break
        texts.append(text)
    return "\n\n".join(texts), len(shown) - len(texts)


def _render_diff(shown: Sequence[Shown]) -> str:
    lines = [line for item in shown if item.ways for line in _list_diff(item)]
    text = "\n".join(lines)
    return text if len(text) <= MAX_DIFF_CHARACTERS else text[:MAX_DIFF_CHARACTERS].rpartition("\n")[0] + "\n…"


def _list_diff(item: Shown) -> Iterator[str]:
    yield f"@@ {item.place}: {item.title} @@"
    yield from (f"-{line}" for line in item.expected.splitlines())
    yield from (f"+{line}" for line in item.actual.splitlines())


def _list_ignored(report: Report) -> tuple[tuple[str, str], ...]:
    found = ((item.title, item.ignored) for item in report.list_items() if item.ignored is not None)
    return tuple((title, f"{rule.reason}{f' (until {rule.until})' if rule.until else ''}") for title, rule in found)
