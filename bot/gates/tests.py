"""The repository's tests, run by the bot itself after the last edit, do no worse than on the base commit.

A test that newly fails or is no longer there fails the gate. A test that failed on the base commit too does not, but
is named. Tests of the repository that were changed, or are skipped now, are for a person to judge.
"""

from __future__ import annotations

from bot.gates.changed_tests import list_changed_tests
from bot.gates.comparison import BAD, TestComparison, compare_tests
from bot.gates.context import GateContext
from bot.gates.result import GateResult, State, count, quote
from bot.workspace.test_run import TestCase, TestReport

MAX_MESSAGE_CHARACTERS = 200
INTERRUPTED = 2  # pytest's exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html


def check(context: GateContext) -> GateResult:
    """Fails when a test is worse off than before, or when the run tells nothing."""
    before, after = context.tests_before, context.tests_after
    if after is None:
        return _answer("failed", "the tests were not run, because the schema could not be upgraded for them")
    if after.timed_out:
        return _answer("failed", f"the tests were stopped at their time limit ({quote(after.command)})")
    if not after.cases:
        return _check_without_cases(before, after)
    comparison = compare_tests(before, after)
    problem = _find_problem(comparison, before, after)
    if problem is not None:
        return _answer("failed", problem, *_list_bad(comparison), *_list_still_failing(comparison))
    return _check_the_rest(context, comparison, after)


def _answer(state: State, summary: str, *details: str) -> GateResult:
    return GateResult("tests", state, summary, details)


def _check_without_cases(before: TestReport, after: TestReport) -> GateResult:
    """No single test is known: there is none, or the command is none of pytest's."""
    if after.found_none:
        if before.cases:
            return _answer("failed", f"no tests are found any more; there were {len(before.cases)}")
        return _answer("open", "the repository has no tests")
    if after.lacks_pytest and before.lacks_pytest:
        return _answer("open", "pytest is not among what the repository installs, so none of its tests were run")
    if after.returncode == 0:
        return _answer("passed", f"{quote(after.command)} passed; it does not report single tests")
    if before.returncode == after.returncode:
        return _answer("open", f"{quote(after.command)} ends with exit code {after.returncode}, as on the base commit")
    return _answer("failed", f"{quote(after.command)} ended with exit code {after.returncode}")


def _find_problem(comparison: TestComparison, before: TestReport, after: TestReport) -> str | None:
    if comparison.newly_failing:
        return f"{count(len(comparison.newly_failing), 'test')} failed"
    if comparison.missing:
        return f"{count(len(comparison.missing), 'test')} of the base commit did not run"
    explained = (0, 1) if any(case.outcome in BAD for case in after.cases) else (0,)
    if after.returncode not in (*explained, before.returncode) or after.returncode > INTERRUPTED:
        return f"no test failed, but {quote(after.command)} ended with exit code {after.returncode}"
    return None


def _check_the_rest(context: GateContext, comparison: TestComparison, after: TestReport) -> GateResult:
    changed = list_changed_tests(context.changes)
    skipped = comparison.newly_skipped
    details = [
        *(f"existing file of tests {change.kind}: {quote(change.path)}" for change in changed),
        *(f"skipped, but passed on the base commit: {quote(name)}" for name in skipped),
        *_list_still_failing(comparison),
    ]
    summary = f"{after.passed} passed, {after.failed} failed, {after.skipped} skipped"
    if comparison.still_failing:
        summary += "; those that fail do so on the base commit too"
    return _answer("open" if changed or skipped else "passed", summary, *details)


def _list_bad(comparison: TestComparison) -> tuple[str, ...]:
    failing = (f"failed: {_describe(case)}" for case in comparison.newly_failing)
    return (*failing, *(f"passed on the base commit, did not run now: {quote(name)}" for name in comparison.missing))


def _list_still_failing(comparison: TestComparison) -> tuple[str, ...]:
    return tuple(f"fails on the base commit too: {quote(case.id)}" for case in comparison.still_failing)


def _describe(case: TestCase) -> str:
    message = " ".join(case.message.split())[:MAX_MESSAGE_CHARACTERS]
    return f"{quote(case.id)}: {message}" if message else quote(case.id)
