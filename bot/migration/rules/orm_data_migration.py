"""Rows are changed through the application's models and a session."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.model_imports import find_model_imports, find_sessions

CODE = "orm-data-migration"
SEVERITY: Severity = "warning"
EXAMPLE = """\
op.execute(
    sa.text("UPDATE books SET title = trim(title) WHERE id BETWEEN :first AND :last").bindparams(first=1, last=1000)
)
"""


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each session that is opened in a revision that has the application's models."""
    for source in context.revisions:
        if not find_model_imports(context, source):
            continue  # models of its own, written in the revision, stay as they are
        for line in find_sessions(source):
            yield Finding(
                code=CODE,
                severity=SEVERITY,
                path=source.path,
                line=line,
                title="Rows are changed through the application's models",
                consequence=(
                    "The session selects every column that the models have today, also those that later revisions add: "
                    "the upgrade of a new database fails here. It loads row after row into memory, fires the "
                    "application's event hooks, and a commit of the session ends Alembic's transaction."
                ),
                remedy="Say it in SQL, or with tables that the revision itself defines, in batches.",
                example=EXAMPLE,
            )
