"""The gate of the old code, put together from what its tests did before and with the code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.gates.old_code import check, is_broken
from bot.migration.old_code.meeting import Meeting, OldCode
from bot.migration.stage import Phase
from bot.workspace.test_run import TestReport
from tests.gates.contexts import make_context, make_proof, make_tests

BEFORE = make_tests(a="passed", b="passed", c="failed", d="passed")


def meet(revision: str, *schemas: str, **outcomes: str) -> Meeting:
    """The tests after `revision`, all of which met these schemas ("new" is that of the revision)."""
    report = make_tests(**outcomes)
    cases = tuple(replace(case, schemas=schemas) for case in report.cases)
    return Meeting(revision, "new", "old", replace(report, cases=cases))


FINE = {"a": "passed", "b": "passed", "c": "failed", "d": "passed"}
SILENT = TestReport((), 0, "", "make check")
HOLDS, BREAKS, UNSEEN = meet("x1", "new", **FINE), meet("x2", "new", **{**FINE, "b": "failed"}), meet("x3", **FINE)
ELSEWHERE, FAILED = meet("x4", "sqlite", **FINE), Meeting("x5", reason="it broke", error="No 'shop'")

STATES: dict[str, tuple[dict[Phase, Meeting], str, str]] = {
    "before the code": ({"before": HOLDS}, "passed", "3 tests of the old code pass on the schema after `x1`"),
    "all the way": (
        {"before": BREAKS, "with": HOLDS},
        "failed",
        "1 test of the old code fails on the schema after `x2`",
    ),
    "with it": ({"with": HOLDS}, "passed", "3 tests of the old code pass on the schema after `x1`"),
    "not with it": (
        {"with": BREAKS},
        "open",
        "1 test of the old code fails on the schema after `x2`, which is run with the new code",
    ),
    "before and not with it": (
        {"before": HOLDS, "with": BREAKS},
        "open",
        "3 tests of the old code pass on the schema after `x1`; "
        "1 test of the old code fails on the schema after `x2`, which is run with the new code",
    ),
    "unseen": (
        {"before": UNSEEN},
        "open",
        "not shown on the schema after `x3`: no test was seen to read or write rows in it",
    ),
    "elsewhere": (
        {"before": ELSEWHERE},
        "open",
        "not shown on the schema after `x4`: 4 tests used another schema, made by `create_all`, on SQLite or the like",
    ),
    "not run": (
        {"before": FAILED},
        "open",
        "not shown on the schema after `x5`: it broke",
    ),
    "after it": ({}, "skipped", "every revision is run after the last of the old code is gone"),
}


@pytest.mark.parametrize("name", STATES)
def test_states(name: str) -> None:
    meetings, state, summary = STATES[name]
    result = check(make_context(proof=make_proof(), tests_before=BEFORE, old_code=OldCode(meetings)))
    assert (result.state, result.summary) == (state, summary)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (TestReport((), 5, "", "pytest"), "there are no tests"),
        (TestReport((), 0, "", "make check"), "`make check` reports no single tests, which only pytest does"),
        (TestReport((), -9, "", "pytest", timed_out=True), "the tests were stopped at their time limit"),
    ],
)
def test_without_single_tests_nothing_is_shown(report: TestReport, words: str) -> None:
    old_code = OldCode({"before": Meeting("x", "new", "old", report)})
    result = check(make_context(proof=make_proof(), tests_before=report, old_code=old_code))
    assert (result.state, result.summary) == ("open", f"not shown on the schema after `x`: {words}")


def test_what_fails_beside_an_unrelated_table_does_not_count() -> None:
    control = make_tests(a="passed", b="failed", c="failed", d="passed")
    context = make_context(proof=make_proof(), tests_before=BEFORE, old_code=OldCode({"before": BREAKS}, control))
    result = check(context)
    assert (result.state, result.details) == (
        "passed",
        ("looks at the schema itself, so it does not count: `t.py::b`",),
    )


def test_a_test_that_is_gone_counts() -> None:
    gone = meet("x", "new", a="passed", b="passed", c="failed")
    result = check(make_context(proof=make_proof(), tests_before=BEFORE, old_code=OldCode({"before": gone})))
    assert (result.state, result.details) == ("failed", ("did not run: `t.py::d`",))


def test_without_a_proved_migration_there_is_nothing_to_check() -> None:
    assert check(make_context()).state == "skipped"
    assert check(make_context(proof=make_proof())).summary == (
        "the migration is not proved, so no code was run on what it makes"
    )


def test_what_breaks_is_told_from_what_only_looks_at_the_schema() -> None:
    """So that the next phase is tried after such tests, and not after others."""
    control = make_tests(a="passed", b="failed", c="failed", d="passed")
    assert (is_broken(BEFORE, BREAKS, None), is_broken(BEFORE, BREAKS, control)) == (True, False)
    assert not any(is_broken(BEFORE, meeting, None) for meeting in (HOLDS, FAILED, Meeting("x", report=SILENT)))
