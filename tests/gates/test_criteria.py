"""The gate of the acceptance criteria."""

from __future__ import annotations

import pytest

from bot.gates.criteria import check
from bot.implement.changeset import Changeset, CriterionEvidence
from bot.spec.model import Criterion, Spec
from bot.workspace.test_run import TestCase, TestReport
from tests.gates.contexts import make_context

SPEC = Spec("t", "", "", criteria=(Criterion("AC-1", "one", 1),))


def make_run(*outcomes: tuple[str, str]) -> TestReport:
    cases = tuple(TestCase(name, outcome, 0.1) for name, outcome in outcomes)  # type: ignore[arg-type]
    return TestReport(cases, 0, "", "pytest", False)


@pytest.mark.parametrize(
    ("tests", "outcomes", "state", "detail"),
    [
        pytest.param(("t.py::a",), [("t.py::a", "passed")], "passed", None, id="it passed"),
        pytest.param(
            ("t.py::a",), [("t.py::a", "failed")], "failed", "AC-1: its test fails (`t.py::a`)", id="it failed"
        ),
        pytest.param(
            ("t.py::a",), [("t.py::a", "skipped")], "open", "AC-1: its test did not run (`t.py::a`)", id="skipped"
        ),
        pytest.param(
            ("t.py::a",), [("t.py::ab", "passed")], "open", "AC-1: its test did not run (`t.py::a`)", id="another test"
        ),
        pytest.param(
            ("t.py::a",), [("t.py::a[1]", "passed"), ("t.py::a[2]", "passed")], "passed", None, id="parameters"
        ),
        pytest.param(
            ("t.py::a",),
            [("t.py::a[1]", "passed"), ("t.py::a[2]", "error")],
            "failed",
            "AC-1: its test fails (`t.py::a`)",
            id="one of them",
        ),
        pytest.param(
            ("t.py::a", "t.py::b"),
            [("t.py::a", "passed")],
            "open",
            "AC-1: its test did not run (`t.py::a`, `t.py::b`)",
            id="one of two ran",
        ),
        pytest.param((), [("t.py::a", "passed")], "open", "AC-1: no test shows it", id="no test"),
    ],
)
def test_a_criterion_is_as_good_as_its_tests(
    tests: tuple[str, ...], outcomes: list[tuple[str, str]], state: str, detail: str | None
) -> None:
    changeset = Changeset(criteria=(CriterionEvidence("AC-1", "database", tests),))
    result = check(make_context(spec=SPEC, changeset=changeset, tests_after=make_run(*outcomes)))
    assert (result.state, result.details) == (state, () if detail is None else (detail,))


def test_a_criterion_that_nothing_is_said_of_is_open() -> None:
    result = check(make_context(spec=SPEC, tests_after=None))
    assert (result.state, result.summary) == ("open", "0 of 1 criterion shown by a test that passed")


def test_no_criteria_leave_nothing_to_check() -> None:
    assert check(make_context()).state == "skipped"
