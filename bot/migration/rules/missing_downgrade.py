"""The revision has no downgrade, or one that does nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.inverse import render_downgrade
from bot.migration.lint_context import LintContext

CODE = "missing-downgrade"
SEVERITY: Severity = "error"
NOTHING = "does nothing"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new revision that does something on the way up and nothing on the way down.

    Where the proof went down and found nothing left, doing nothing is right: the revision fills what another one adds.
    """
    for source in context.revisions:
        if not source.does_something("upgrade") or source.does_something("downgrade"):
            continue
        downgrade = source.find_function("downgrade")
        if context.leftover == () and downgrade is not None and _describe(downgrade) == NOTHING:
            continue
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=source.path,
            line=downgrade.lineno if downgrade else source.get_line("upgrade"),
            title="There is no downgrade" if downgrade is None else f"The downgrade {_describe(downgrade)}",
            consequence=(
                "When the deployment has to be taken back, alembic downgrade fails or does nothing, and the old code "
                "meets the new schema. Somebody then writes the way back by hand, at the worst moment."
            ),
            remedy=(
                "Write what takes each operation back, in reverse order. Values that cannot be brought back are no "
                "reason to leave it out: bring the structure back."
            ),
            example=render_downgrade(source),
        )


def _describe(function: ast.FunctionDef) -> str:
    return "refuses to run" if any(isinstance(node, ast.Raise) for node in function.body) else NOTHING
