"""A finding is ignored without a reason."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.ignores import read_ignores
from bot.migration.lint_context import LintContext

CODE = "ignore-without-reason"
SEVERITY: Severity = "warning"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each ignore comment that gives no reason; it takes nothing back."""
    for ignore in read_ignores((*context.revisions, *context.edited)):
        if ignore.reason:
            continue
        rules = ", ".join(ignore.rules)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=ignore.path,
            line=ignore.line,
            title=f"{rules or 'A finding'} is ignored without a reason",
            consequence=(
                "The comment is not followed. Whoever meets it later could not tell whether somebody thought about "
                "the danger or was in a hurry."
            ),
            remedy="Say after the bracket why it is no danger here.",
            example=f"# specwright: ignore[{rules or 'rule-name'}] the table has 40 rows\n",
        )
