"""Runs the rules and squawk, and applies what the repository says about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.config import LintLevel
from bot.migration.finding import Finding, flatten
from bot.migration.ignores import read_ignores
from bot.migration.lint_context import LintContext
from bot.migration.rules import get_rules
from bot.migration.squawk import run_squawk

_RANK = {"error": 0, "warning": 1, "info": 2}


def lint(context: LintContext) -> tuple[Finding, ...]:
    """What is wrong with the new revisions, by file, line and weight.

    Findings of rules that are switched off, and those that a comment with a reason takes back, are left out.
    """
    found = [*_run_rules(context), *run_squawk(context)]
    ignores = read_ignores((*context.revisions, *context.edited))
    kept = [
        finding
        for finding in _weigh(context, found)
        if not any(ignore.covers(finding.code, finding.path, finding.line) for ignore in ignores)
    ]
    return tuple(sorted(set(kept), key=_get_order))


def _run_rules(context: LintContext) -> Iterable[Finding]:
    for code, rule in get_rules().items():
        if context.severities.get(code) != "off":
            yield from rule.check(context)


def _weigh(context: LintContext, findings: Iterable[Finding]) -> Iterable[Finding]:
    for finding in findings:
        level: LintLevel = context.severities.get(finding.code, finding.severity)
        if level != "off":
            title, consequence = flatten(finding.title), flatten(finding.consequence)
            yield replace(finding, severity=level, title=title, consequence=consequence)


def _get_order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, _RANK[finding.severity], finding.code, finding.title
