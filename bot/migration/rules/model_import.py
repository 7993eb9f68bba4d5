"""The revision imports the application's models."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.model_imports import find_model_imports

CODE = "model-import"
SEVERITY: Severity = "warning"
EXAMPLE = """\
books = sa.table("books", sa.column("id", sa.Integer), sa.column("title", sa.String))  # the table as it is *now*
op.execute(books.update().where(books.c.id == 1).values(title="…"))
"""


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each import of a module that maps tables."""
    for source in context.revisions:
        for found in find_model_imports(context, source):
            yield Finding(
                code=CODE,
                severity=SEVERITY,
                path=source.path,
                line=found.line,
                title=f"The revision imports models: {found.module}",
                consequence=(
                    "Models are always those of today. In a year this revision runs on a new database with models that "
                    "have columns its schema does not have yet, or without the class that it imports, and fails."
                ),
                remedy="Write the few tables and columns that are needed into the revision itself.",
                example=EXAMPLE,
            )
