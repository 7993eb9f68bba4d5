"""Every acceptance criterion has a test, and that test passed in this very run.

A criterion without such a test stays open; one whose test fails fails the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.gates.comparison import BAD
from bot.gates.context import GateContext
from bot.gates.result import GateResult, count, quote
from bot.implement.changeset import Changeset, CriterionEvidence
from bot.spec.model import Criterion, Spec
from bot.workspace.test_run import TestCase, TestReport

CriterionState = Literal["passed", "failed", "open"]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion with its evidence: `where` in words, `tests` as node ids; open when no test of it ran and passed."""

    criterion: Criterion
    where: str
    tests: tuple[str, ...]
    state: CriterionState


def check(context: GateContext) -> GateResult:
    """Fails when a criterion's test fails, is open when a criterion has none that passed."""
    results = judge_criteria(context.spec, context.changeset, context.tests_after)
    if not results:
        return GateResult("criteria", "skipped", "the spec states no acceptance criteria")
    states = [result.state for result in results]
    summary = f"{states.count('passed')} of {count(len(results), 'criterion', 'criteria')} shown by a test that passed"
    details = tuple(_describe(result) for result in results if result.state != "passed")
    state: CriterionState = "failed" if "failed" in states else "open" if "open" in states else "passed"
    return GateResult("criteria", state, summary, details)


def judge_criteria(spec: Spec, changeset: Changeset, tests: TestReport | None) -> tuple[CriterionResult, ...]:
    """Each criterion of the spec, in its order, with what `tests` says of its evidence."""
    evidence = {item.criterion_id: item for item in changeset.criteria}
    cases = () if tests is None else tests.cases
    return tuple(_judge(criterion, evidence.get(criterion.id), cases) for criterion in spec.criteria)


def _judge(criterion: Criterion, evidence: CriterionEvidence | None, cases: Sequence[TestCase]) -> CriterionResult:
    if evidence is None or not evidence.tests:
        return CriterionResult(criterion, "" if evidence is None else evidence.where, (), "open")
    outcomes = [_find_outcomes(test, cases) for test in evidence.tests]
    state: CriterionState = "passed"
    if any(outcome in BAD for found in outcomes for outcome in found):
        state = "failed"
    elif not all("passed" in found for found in outcomes):
        state = "open"
    return CriterionResult(criterion, evidence.where, evidence.tests, state)


def _find_outcomes(test: str, cases: Sequence[TestCase]) -> list[str]:
    """The outcomes of a test, which has one for each set of its parameters."""
    return [case.outcome for case in cases if case.id == test or case.id.startswith(f"{test}[")]


def _describe(result: CriterionResult) -> str:
    why = {"failed": "its test fails", "open": "its test did not run" if result.tests else "no test shows it"}
    names = f" ({', '.join(map(quote, result.tests))})" if result.tests else ""
    return f"{result.criterion.id}: {why[result.state]}{names}"
