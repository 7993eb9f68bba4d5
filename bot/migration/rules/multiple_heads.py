"""Two revisions follow the same one, so there is no single newest revision."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.python_layout import quote_string
from bot.migration.revision_source import RevisionSource

CODE = "multiple-heads"
SEVERITY: Severity = "error"


def check(context: LintContext) -> Iterable[Finding]:
    """One finding, at the `down_revision` of a head that is new."""
    heads = context.history.heads
    if len(heads) < 2:
        return
    ours = next((source for head in heads if (source := context.find_revision(head)) is not None), None)
    other = next((head for head in heads if ours is None or head != ours.revision), heads[0])
    yield Finding(
        code=CODE,
        severity=SEVERITY,
        path=ours.path if ours else context.history.files.get(heads[0], context.get_last_place().path),
        line=ours.get_assignment_line("down_revision") if ours else 1,
        title=f"The history has {len(heads)} heads: {', '.join(heads)}",
        consequence=(
            "alembic upgrade head stops with “Multiple head revisions are present”, so the deployment stops too; "
            "with upgrade heads the order of the two is not the one that was tested."
        ),
        remedy=(
            "Put this revision on top of the other head, or join them with `alembic merge heads` when both are "
            "deployed already."
        ),
        example=_render_example(ours, other),
    )


def _render_example(ours: RevisionSource | None, other: str) -> str:
    if ours is None:
        return "# alembic merge heads -m 'join the two'\n"
    return f"down_revision = {quote_string(other)}\n"
