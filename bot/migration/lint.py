"""Runs the rules and squawk, and applies what the repository says about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bot.config import LintLevel
from bot.migration.finding import Finding, Severity, flatten
from bot.migration.ignores import read_ignores
from bot.migration.lint_context import LintContext
from bot.migration.lint_result import LeftOut, LintResult, Suppressed
from bot.migration.rules import get_rules
from bot.migration.squawk import list_squawk_rules, run_squawk

MAX_PER_RULE = 20
MAX_CHARACTERS = 1000
_RANK = {"error": 0, "warning": 1, "info": 2}


def lint(context: LintContext) -> LintResult:
    """What is wrong with the new revisions, and what comments take back. Rules that are switched off do not look."""
    said = run_squawk(context)
    found = sorted(set(_weigh(context, [*_run_rules(context), *said])), key=_get_order)
    reasons = _find_reasons(context, found)
    kept, left_out = _bound([finding for finding in found if finding not in reasons])
    taken_back, more = _bound([finding for finding in found if finding in reasons])
    return LintResult(
        findings=kept,
        suppressed=tuple(Suppressed(finding, reasons[finding][:MAX_CHARACTERS]) for finding in taken_back),
        rules=(*_list_rules(context), *list_squawk_rules(context, said)),
        saw_upgrade=context.after is not None,
        left_out=left_out,
        more_suppressed=sum(item.number for item in more),
    )


def _bound(findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[LeftOut, ...]]:
    """The first findings of each rule and weight, and how many more of them there are: a revision may be of any size.

    At least one of each is kept, so that no rule seems to have found nothing.
    """
    kept: list[Finding] = []
    seen: Counter[tuple[str, Severity]] = Counter()
    for finding in findings:
        key = (finding.code, finding.severity)
        seen[key] += 1
        if seen[key] <= MAX_PER_RULE:
            kept.append(finding)
    more = ((key, number - MAX_PER_RULE) for key, number in seen.items() if number > MAX_PER_RULE)
    return tuple(kept), tuple(LeftOut(code, severity, number) for (code, severity), number in more)


def _list_rules(context: LintContext) -> tuple[str, ...]:
    return tuple(code for code in get_rules() if context.severities.get(code) != "off")


def _run_rules(context: LintContext) -> Iterable[Finding]:
    for code in _list_rules(context):
        yield from get_rules()[code].check(context)


def _find_reasons(context: LintContext, findings: Iterable[Finding]) -> dict[Finding, str]:
    """The reason of the first comment that takes a finding back, for those that have one."""
    ignores = read_ignores((*context.revisions, *context.edited))
    return {
        finding: flatten(ignore.reason)
        for finding in findings
        for ignore in reversed(ignores)
        if ignore.covers(finding.code, finding.path, finding.line)
    }


def _weigh(context: LintContext, findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        level: LintLevel = context.severities.get(finding.code, finding.severity)
        if level != "off":
            title, consequence = flatten(finding.title)[:MAX_CHARACTERS], flatten(finding.consequence)[:MAX_CHARACTERS]
            yield replace(finding, severity=level, title=title, consequence=consequence)


def _get_order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, _RANK[finding.severity], finding.code, finding.title
