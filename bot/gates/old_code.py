"""The code of the base commit goes on running on the new schema, so that the migration may be run before the deploy.

Its tests are run on the schema after the revisions that come before the code, and on that after those that come with
it. A test counts when it was seen to read or write rows of that very schema; what failed before, or fails as soon as
anything at all changes in the schema, says nothing about the code. Where no test meets the new schema this is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.gates.comparison import BAD, compare_tests
from bot.gates.context import GateContext
from bot.gates.result import GateResult, State, count, quote
from bot.migration.old_code.meeting import Meeting, OldCode
from bot.workspace.test_run import TestReport

MAX_MESSAGE_CHARACTERS = 200
VerdictState = Literal["holds", "breaks", "open"]
_STATES: Mapping[VerdictState, State] = {"holds": "passed", "breaks": "failed", "open": "open"}


@dataclass(frozen=True, slots=True)
class _Verdict:
    """`number` counts the tests that met the new schema and passed, or that fail; `details` name tests, a line each."""

    state: VerdictState
    number: int = 0
    reason: str = ""
    details: tuple[str, ...] = ()


def check(context: GateContext) -> GateResult:
    """Fails when a revision that is to be run before the code breaks the old one, is open when that is not known."""
    if context.proof is None:
        return _answer("skipped", "there is no migration")
    if context.old_code is None:
        return _answer("skipped", "the migration is not proved, so no code was run on what it makes")
    return judge(context.old_code, context.tests_before)


def judge(old_code: OldCode, before: TestReport) -> GateResult:
    """As `check`; `before` are the tests of the base commit on its own schema."""
    meetings, control = old_code.meetings, old_code.control
    if not meetings:
        return _answer("skipped", "every revision is run after the last of the old code is gone")
    verdicts = {phase: _judge(meeting, before, control) for phase, meeting in meetings.items()}
    first = verdicts.get("before")
    if first is not None and (first.state != "holds" or "with" not in verdicts):
        return _answer(_STATES[first.state], _say(first, meetings["before"].revision), *first.details)
    along = verdicts["with"]
    said = _say(along, meetings["with"].revision)
    if along.state == "holds":
        return _answer("passed", said, *along.details)
    held = f"{_say(first, meetings['before'].revision)}; " if first is not None else ""
    return _answer("open", f"{held}{said}, which is run with the new code", *along.details)


def is_broken(before: TestReport, meeting: Meeting, control: TestReport | None) -> bool:
    """Whether tests fail that passed before, but for those that fail beside an unrelated table (`control`) too."""
    report = meeting.report
    if report is None or not report.cases:
        return False
    return bool(_list_bad(before, report, _list_blind(before, control)))


def _answer(state: State, summary: str, *details: str) -> GateResult:
    return GateResult("old_code", state, summary, details)


def _say(verdict: _Verdict, revision: str) -> str:
    if verdict.state == "open":
        return f"not shown on the schema after {quote(revision)}: {verdict.reason}"
    verb = {"holds": ("passes", "pass"), "breaks": ("fails", "fail")}[verdict.state][verdict.number != 1]
    blind = len(verdict.details) if verdict.state == "holds" else 0
    rest = f" ({blind} more not counted: about the schema itself)" if blind else ""
    return f"{count(verdict.number, 'test')} of the old code {verb} on the schema after {quote(revision)}{rest}"


def _judge(meeting: Meeting, before: TestReport, control: TestReport | None) -> _Verdict:
    report = meeting.report
    if report is None:
        return _Verdict("open", reason=meeting.reason, details=(meeting.error,) if meeting.error else ())
    if not report.cases:
        return _Verdict("open", reason=_explain_silence(report))
    blind = _list_blind(before, control)
    bad = _list_bad(before, report, blind)
    if bad:
        return _Verdict("breaks", len(bad), details=bad)
    if meeting.schema == meeting.base_schema:
        return _Verdict("open", reason="its structure is that of the one before")
    return _weigh(meeting, report, blind)


def _explain_silence(report: TestReport) -> str:
    if report.timed_out:
        return "the tests were stopped at their time limit"
    if report.found_none:
        return "there are no tests"
    return f"{quote(report.command)} reports no single tests, which only pytest does"


def _list_bad(before: TestReport, report: TestReport, blind: frozenset[str]) -> tuple[str, ...]:
    comparison = compare_tests(before, report)
    failing = (case for case in comparison.newly_failing if case.id not in blind)
    missing = (name for name in comparison.missing if name not in blind)
    return (
        *(f"failed: {quote(case.id)}: {' '.join(case.message.split())[:MAX_MESSAGE_CHARACTERS]}" for case in failing),
        *(f"did not run: {quote(name)}" for name in missing),
    )


def _list_blind(before: TestReport, control: TestReport | None) -> frozenset[str]:
    """The tests that fail, or do not run, as soon as there is one more table that nobody uses."""
    if control is None or not control.cases:
        return frozenset()
    comparison = compare_tests(before, control)
    return frozenset((*(case.id for case in comparison.newly_failing), *comparison.missing))


def _weigh(meeting: Meeting, report: TestReport, blind: frozenset[str]) -> _Verdict:
    """What the tests that did not fail are worth: whether they met the new schema."""
    met = [case for case in report.cases if meeting.schema in case.schemas and case.outcome == "passed"]
    elsewhere = [case.id for case in report.cases if case.schemas and meeting.schema not in case.schemas]
    elsewhere = [name for name in elsewhere if name not in blind]
    if elsewhere:
        reason = f"{count(len(elsewhere), 'test')} used another schema, made by `create_all`, on SQLite or the like"
        return _Verdict("open", reason=reason, details=tuple(f"not on the new schema: {quote(n)}" for n in elsewhere))
    if not met:
        return _Verdict("open", reason="no test was seen to read or write rows in it")
    failing = {case.id for case in report.cases if case.outcome in BAD}
    ignored = tuple(f"looks at the schema itself, so it does not count: {quote(n)}" for n in sorted(failing & blind))
    return _Verdict("holds", number=len(met), details=ignored)
