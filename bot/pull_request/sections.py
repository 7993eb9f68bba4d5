"""The sections of the body, each rendered by its template at a level of detail."""

from __future__ import annotations

from collections.abc import Callable

from bot.gates.comparison import compare_tests
from bot.gates.criteria import judge_criteria
from bot.pull_request.checklist import render_boxes
from bot.pull_request.draft import is_draft
from bot.pull_request.level import Level, render_section
from bot.pull_request.open_points import list_open_points
from bot.pull_request.report import Report

SHA_CHARACTERS = 12
Section = Callable[[Report, Level], str]


def render_summary(report: Report, level: Level) -> str:
    """What was done and what was not."""
    failed = tuple(gate for gate in report.gates if gate.state == "failed")
    points = list_open_points(report)
    rows = sum(report.proof.rows.values()) if report.proof else 0
    return render_section(
        "summary", level, report=report, is_draft=is_draft(report), failed=failed, open_points=points, rows=rows
    )


def render_criteria(report: Report, level: Level) -> str:
    """Each acceptance criterion, where it is met, its test and how that ended."""
    criteria = judge_criteria(report.spec, report.changeset, report.tests_after)
    files = tuple(dict.fromkeys(test.partition("::")[0] for item in criteria for test in item.tests))
    return render_section("criteria", level, criteria=criteria, files=files)


def render_tests(report: Report, level: Level) -> str:
    """The repository's tests before and after, and every gate."""
    after = report.tests_after
    comparison = None if after is None else compare_tests(report.tests_before, after)
    return render_section(
        "tests", level, report=report, comparison=comparison, base_commit=_shorten(report.base_commit)
    )


def render_checklist(report: Report, level: Level) -> str:
    """What a person must agree to or look at."""
    return render_section("checklist", level, boxes=render_boxes(report))


def render_steering(report: Report, level: Level) -> str:
    """How to have something else built, and who started this."""
    return render_section("steering", level, report=report, base_commit=_shorten(report.base_commit))


def _shorten(commit: str) -> str:
    return commit[:SHA_CHARACTERS]
