"""The gate of the repository's tests."""

from __future__ import annotations

import pytest

from bot.gates.comparison import compare_tests
from bot.gates.tests import check
from tests.gates.contexts import make_change, make_context, make_tests

OTHER = {"command": "make check"}


@pytest.mark.parametrize(
    ("before", "after", "state", "summary"),
    [
        pytest.param(
            {"a": "passed"}, {"a": "passed", "b": "passed"}, "passed", "2 passed, 0 failed, 0 skipped", id="more tests"
        ),
        pytest.param({"a": "passed"}, {"a": "failed"}, "failed", "1 test failed", id="newly failing"),
        pytest.param({}, {"a": "error"}, "failed", "1 test failed", id="new and broken"),
        pytest.param({"a": "skipped"}, {"a": "failed"}, "failed", "1 test failed", id="skipped before, failing now"),
        pytest.param(
            {"a": "passed", "b": "passed"},
            {"a": "passed"},
            "failed",
            "1 test of the base commit did not run",
            id="gone",
        ),
        pytest.param(
            {"a": "failed", "b": "passed"},
            {"a": "error", "b": "passed"},
            "passed",
            "1 passed, 1 failed, 0 skipped; those that fail do so on the base commit too",
            id="failing before too",
        ),
        pytest.param({"a": "failed"}, {"a": "passed"}, "passed", "1 passed, 0 failed, 0 skipped", id="mended"),
        pytest.param({"a": "passed"}, {"a": "skipped"}, "open", "0 passed, 0 failed, 1 skipped", id="skipped now"),
        pytest.param(
            {"a": "failed"}, {"b": "passed"}, "passed", "1 passed, 0 failed, 0 skipped", id="a failing one is gone"
        ),
        pytest.param(
            {"a": "passed"},
            {"a": "passed", "returncode": 1},
            "failed",
            "no test failed, but `pytest` ended with exit code 1",
            id="all pass but the run",
        ),
        pytest.param(
            {"a": "passed", "returncode": 1},
            {"a": "passed", "returncode": 1},
            "passed",
            "1 passed, 0 failed, 0 skipped",
            id="as on the base",
        ),
        pytest.param(
            {"a": "passed"},
            {"a": "passed", "returncode": 3},
            "failed",
            "no test failed, but `pytest` ended with exit code 3",
            id="pytest broke",
        ),
        pytest.param(
            {"a": "passed"},
            {"a": "passed", "timed_out": True},
            "failed",
            "the tests were stopped at their time limit (`pytest`)",
            id="time limit",
        ),
        pytest.param(
            {"a": "passed"},
            {"returncode": 5},
            "failed",
            "no tests are found any more; there were 1",
            id="none any more",
        ),
        pytest.param({"returncode": 5}, {"returncode": 5}, "open", "the repository has no tests", id="never any"),
        pytest.param(
            OTHER, OTHER, "passed", "`make check` passed; it does not report single tests", id="another command"
        ),
        pytest.param(OTHER, {**OTHER, "returncode": 2}, "failed", "`make check` ended with exit code 2", id="it fails"),
        pytest.param(
            {**OTHER, "returncode": 2},
            {**OTHER, "returncode": 2},
            "open",
            "`make check` ends with exit code 2, as on the base commit",
            id="it failed before",
        ),
        pytest.param(
            {"a": "passed"}, {"returncode": 4}, "failed", "`pytest` ended with exit code 4", id="no report at all"
        ),
    ],
)
def test_what_the_runs_tell(before: dict[str, str], after: dict[str, str], state: str, summary: str) -> None:
    result = check(make_context(tests_before=make_tests(**before), tests_after=make_tests(**after)))  # type: ignore[arg-type]
    assert (result.state, result.summary) == (state, summary)


def test_tests_that_could_not_be_run_fail() -> None:
    assert check(make_context(tests_after=None)).state == "failed"


def test_what_is_worse_is_named_and_what_was_bad_before_too() -> None:
    before = make_tests(a="passed", b="failed", c="passed")
    after = make_tests(a="failed", b="failed")
    assert check(make_context(tests_before=before, tests_after=after)).details == (
        "failed: `t.py::a`: why a",
        "passed on the base commit, did not run now: `t.py::c`",
        "fails on the base commit too: `t.py::b`",
    )


def test_changed_tests_are_for_a_person_to_judge() -> None:
    changes = (
        make_change("tests/test_a.py", "modified"),
        make_change("pkg/test_b.py", "deleted"),
        make_change("tests/test_new.py", "added"),
        make_change("pkg/latest.py", "modified"),
        make_change("conftest.py", "modified"),
        make_change("tests/data/rows.json", "modified"),
    )
    result = check(make_context(changes=changes))
    assert result.state == "open"
    assert result.details == (
        "existing file of tests modified: `tests/test_a.py`",
        "existing file of tests deleted: `pkg/test_b.py`",
        "existing file of tests modified: `conftest.py`",
        "existing file of tests modified: `tests/data/rows.json`",
    )


def test_the_comparison_tells_what_became_of_each_test() -> None:
    before = make_tests(a="passed", b="failed", c="passed", d="passed")
    after = make_tests(a="passed", b="passed", c="skipped", e="passed", f="failed")
    found = compare_tests(before, after)
    assert [case.id for case in found.newly_failing] == ["t.py::f"]
    assert (found.still_failing, found.missing, found.newly_skipped) == ((), ("t.py::d",), ("t.py::c",))
    assert (found.fixed, found.added) == (("t.py::b",), ("t.py::e", "t.py::f"))
