"""No rule of the lint finds an error in the new revisions; what a warning names is for a person to judge.

An error that a comment in the revision takes back does not fail, but a person must agree with the reason it gives.
"""

from __future__ import annotations

from bot.gates.context import GateContext
from bot.gates.result import GateResult, State, count, quote
from bot.migration.finding import Finding
from bot.migration.lint_result import LintResult, Suppressed


def check(context: GateContext) -> GateResult:
    """Fails for an error, is open for a warning and for an error that is taken back."""
    if context.proof is None:
        return GateResult("lint", "skipped", "there is no migration")
    if context.lint is None:
        return GateResult("lint", "failed", "the revisions could not be loaded, so they were not linted")
    lint = context.lint
    more = (f"{item.number} more of {item.severity} {quote(item.code)}" for item in lint.left_out)
    details = (*map(_describe, _sort(lint)), *more, *map(_describe_suppressed, lint.suppressed))
    return GateResult("lint", _judge(lint), render_counts(lint), details)


def render_counts(lint: LintResult) -> str:
    """How many findings of each weight there are, and how many rules passed, in words."""
    numbers = {
        "error": lint.count_findings("error"),
        "warning": lint.count_findings("warning"),
        "note": lint.count_findings("info"),
    }
    found = [count(number, noun) for noun, number in numbers.items() if number]
    found += [f"{lint.number_suppressed} taken back by a comment"] if lint.suppressed else []
    every = count(len(lint.rules), "rule")
    quiet = f"{len(lint.quiet_rules)} of {every} passed" if found else f"all {every} passed"
    quiet += "" if lint.saw_upgrade else ", by the source alone: the upgrade did not run"
    return f"{', '.join(found)}; {quiet}" if found else quiet


def _judge(lint: LintResult) -> State:
    if lint.list_findings("error"):
        return "failed"
    taken_back = any(item.finding.severity == "error" for item in lint.suppressed)
    return "open" if taken_back or lint.list_findings("warning") else "passed"


def _sort(lint: LintResult) -> tuple[Finding, ...]:
    """The heaviest first: lists are cut at their end."""
    return (*lint.list_findings("error"), *lint.list_findings("warning"), *lint.list_findings("info"))


def _describe(finding: Finding) -> str:
    return f"{finding.severity} {quote(finding.code)} at {quote(finding.place)}: {finding.title}"


def _describe_suppressed(item: Suppressed) -> str:
    return f"taken back: {_describe(item.finding)}; the reason given: {quote(item.reason)}"
