"""Runs the rules and squawk, and applies what the repository says about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.config import LintLevel
from bot.migration.finding import Finding, flatten
from bot.migration.ignores import read_ignores
from bot.migration.lint_context import LintContext
from bot.migration.lint_result import LintResult, Suppressed
from bot.migration.rules import get_rules
from bot.migration.squawk import list_squawk_rules, run_squawk

_RANK = {"error": 0, "warning": 1, "info": 2}


def lint(context: LintContext) -> LintResult:
    """What is wrong with the new revisions, and what comments take back. Rules that are switched off do not look."""
    said = run_squawk(context)
    found = sorted(set(_weigh(context, [*_run_rules(context), *said])), key=_get_order)
    reasons = _find_reasons(context, found)
    return LintResult(
        findings=tuple(finding for finding in found if finding not in reasons),
        suppressed=tuple(Suppressed(finding, reasons[finding]) for finding in found if finding in reasons),
        rules=(*_list_rules(context), *list_squawk_rules(context, said)),
        saw_upgrade=context.after is not None,
    )


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
            title, consequence = flatten(finding.title), flatten(finding.consequence)
            yield replace(finding, severity=level, title=title, consequence=consequence)


def _get_order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, _RANK[finding.severity], finding.code, finding.title
