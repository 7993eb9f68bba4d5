"""The findings of the lint as the pull request tells them: those of one rule together, the heaviest first."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot.migration.finding import Finding, Severity
from bot.migration.lint_result import LintResult


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """What one rule found, at one weight, `number` in all; `url` is the page that explains the rule."""

    code: str
    severity: Severity
    url: str
    findings: tuple[Finding, ...]
    number: int


def group_findings(lint: LintResult, rules_url: str) -> tuple[RuleFindings, ...]:
    """The rules that found something: errors, warnings, then advice, and in the order of the revisions' lines."""
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    severities: tuple[Severity, ...] = ("error", "warning", "info")
    for severity in severities:
        for finding in lint.list_findings(severity):
            groups.setdefault((severity, finding.code), []).append(finding)
    return tuple(
        RuleFindings(
            code,
            severity,
            find_rule_url(found[0], rules_url),
            tuple(found),
            len(found) + lint.count_left_out(code, severity),
        )
        for (severity, code), found in groups.items()
    )


def find_rule_url(finding: Finding, rules_url: str) -> str:
    """The page of the finding's rule: of our rules one of the bot's own, below `rules_url`, empty when that is."""
    if finding.linter == "squawk":
        return finding.docs
    return f"{rules_url}/{quote(finding.code, safe='')}" if rules_url else ""
