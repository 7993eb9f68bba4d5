"""Which statements of the upgrade share a transaction."""

from __future__ import annotations

from collections.abc import Iterator

from bot.migration.alembic_runner import RanStatement
from bot.migration.lint_context import LintContext


def list_transactions(context: LintContext) -> Iterator[tuple[RanStatement, ...]]:
    """The statements of each transaction in turn; those that had none are left out.

    An autocommit block ends the transaction. Else all revisions share one, unless env.py sets
    `transaction_per_migration`.
    """
    current: list[RanStatement] = []
    for statement in context.statements:
        is_next = bool(current) and context.transaction_per_revision and statement.revision != current[-1].revision
        if current and (statement.autocommit or is_next):
            yield tuple(current)
            current = []
        if not statement.autocommit:
            current.append(statement)
    if current:
        yield tuple(current)
