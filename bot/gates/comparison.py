"""Two runs of the same tests beside each other, test by test."""

from __future__ import annotations

from dataclasses import dataclass

from bot.workspace.test_run import TestCase, TestReport

BAD = ("failed", "error")


@dataclass(frozen=True, slots=True)
class TestComparison:
    """What became of each test. A test that is new and fails is newly failing.

    `missing` and `newly_skipped` passed before; `still_failing` failed before as well.
    """

    newly_failing: tuple[TestCase, ...]
    still_failing: tuple[TestCase, ...]
    missing: tuple[str, ...]
    newly_skipped: tuple[str, ...]
    fixed: tuple[str, ...]
    added: tuple[str, ...]

    __test__ = False  # no class of tests, though pytest would take it for one


def compare_tests(before: TestReport, after: TestReport) -> TestComparison:
    """What `after` says of each test that either report knows."""
    olds = {case.id: case.outcome for case in before.cases}
    news = {case.id: case for case in after.cases}
    bad = [case for case in news.values() if case.outcome in BAD]
    passed_before = [name for name, outcome in olds.items() if outcome == "passed"]
    return TestComparison(
        newly_failing=tuple(case for case in bad if olds.get(case.id) not in BAD),
        still_failing=tuple(case for case in bad if olds.get(case.id) in BAD),
        missing=tuple(name for name in passed_before if name not in news),
        newly_skipped=tuple(name for name in passed_before if name in news and news[name].outcome == "skipped"),
        fixed=tuple(name for name, case in news.items() if case.outcome == "passed" and olds.get(name) in BAD),
        added=tuple(name for name in news if name not in olds),
    )
