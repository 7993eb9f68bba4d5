"""The boxes of the review checklist: each follows from something that is in this change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.gates.changed_tests import list_changed_tests
from bot.gates.comparison import compare_tests
from bot.migration.contents import Loss
from bot.migration.losses import STOPS
from bot.pull_request.open_points import list_open_points
from bot.pull_request.report import Report
from bot.pull_request.risks import find_risks, group_risks
from bot.words.loader import render

NAMES_PER_BOX = 12


def render_boxes(report: Report) -> tuple[str, ...]:
    """One line of Markdown a box: what keeps it from being merged, then what needs a decision, then what to look at."""
    return (
        *_list_failures(report),
        *_list_open(report),
        *_list_losses(report),
        *_list_old_code(report),
        *filter(None, _list_risks(report)),
        *_list_lint(report),
        *_list_tests(report),
    )


def _render(template: str, **values: object) -> str:
    return " ".join(render(f"pull_request/boxes/{template}.md", **values).split())


def _list_failures(report: Report) -> Iterator[str]:
    yield from (_render("gate_failed", gate=gate) for gate in report.gates if gate.state == "failed")


def _list_open(report: Report) -> Iterator[str]:
    points = list_open_points(report)
    yield from (_render(f"{point.kind}_open", name=point.name, text=point.text) for point in points)
    contract = report.find_gate("contract")
    if contract is not None and contract.state == "open":
        named = {point.text for point in points if point.kind == "endpoint"}
        unchecked = [detail.strip("`") for detail in contract.details]
        yield from (_render("endpoint_unchecked", text=text) for text in unchecked if text not in named)


def _list_old_code(report: Report) -> Iterator[str]:
    gate = report.find_gate("old_code")
    if gate is not None and gate.state == "open":
        yield _render("old_code_open", gate=gate)


def _list_losses(report: Report) -> Iterator[str]:
    if report.proof is None:
        return
    stated = _list_stated_losses(report, report.proof.lost)
    if report.proof.lossy or stated:
        yield _render("lossy_downgrade", losses=report.proof.lost, stated=stated)
    touched = {change.table or change.name for change in report.proof.changes}
    unfilled = [(table, reason) for table, reason in report.proof.unfilled if table.rpartition(".")[2] in touched]
    if unfilled:
        yield _render("unfilled", tables=unfilled)


def _list_stated_losses(report: Report, lost: Sequence[Loss]) -> tuple[str, ...]:
    """What the revisions say of losses that the proof's rows did not show; enums' new values have their own box."""
    shown = [f"{loss.table}.{loss.column} " if loss.column else f"rows of {loss.table} " for loss in lost]
    lines = [line for revision in report.revisions for line in revision.lossy if not line.endswith(STOPS)]
    return tuple(line.removesuffix(".") for line in lines if not any(words in line for words in shown))


def _list_risks(report: Report) -> Iterator[str]:
    if report.proof is None:
        return
    groups = group_risks(find_risks(report.proof, report.spec.data_model))
    for (kind, table), risks in groups.items():
        for start in range(0, len(risks), NAMES_PER_BOX):
            some = risks[start : start + NAMES_PER_BOX]
            yield _render(kind, table=table, risks=some, names=tuple(dict.fromkeys(risk.name for risk in some)))


def _list_lint(report: Report) -> Iterator[str]:
    if report.lint is None:
        return
    for item in report.lint.suppressed:
        if item.finding.severity == "error":
            yield _render("lint_taken_back", item=item)
    codes = tuple(finding.code for finding in report.lint.list_findings("warning"))
    if codes:
        yield _render("lint_warnings", codes=codes)


def _list_tests(report: Report) -> Iterator[str]:
    changed = list_changed_tests(report.changes)
    if changed:
        yield _render("tests_changed", changes=changed)
    if report.tests_after is None:
        return
    comparison = compare_tests(report.tests_before, report.tests_after)
    if comparison.newly_skipped:
        yield _render("tests_skipped", names=comparison.newly_skipped)
    if comparison.still_failing:
        yield _render("tests_failing_before", number=len(comparison.still_failing))
    gate = report.find_gate("tests")
    if gate is not None and gate.state == "open" and not report.tests_after.cases:
        yield _render("tests_unknown", summary=gate.summary)
