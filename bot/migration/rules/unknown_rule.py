"""A comment or the configuration names a rule that does not exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from bot.config import CONFIG_PATH
from bot.migration.finding import Finding, Place, Severity
from bot.migration.ignores import read_ignores
from bot.migration.lint_context import LintContext
from bot.migration.rules import list_rule_names

CODE = "unknown-rule"
SEVERITY: Severity = "warning"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each name that is neither ours nor squawk's, with the nearest one that is."""
    known = list_rule_names()
    for place, name in _list_named(context):
        if name in known:
            continue
        near = get_close_matches(name, known, n=1)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"There is no rule {name!r}" + (f"; {near[0]} is the nearest" if near else ""),
            consequence="The line does nothing: the rule that was meant goes on as before.",
            remedy="Use the name that the finding shows; docs/rules/README.md lists them all.",
            example=f"# specwright: ignore[{near[0]}] why it is no danger here\n" if near else "",
        )


def _list_named(context: LintContext) -> Iterator[tuple[Place, str]]:
    yield from ((Place(CONFIG_PATH, 1), name) for name in sorted(context.severities))
    for ignore in read_ignores((*context.revisions, *context.edited)):
        for name in ignore.rules or ("",):
            yield Place(ignore.path, ignore.line), name
