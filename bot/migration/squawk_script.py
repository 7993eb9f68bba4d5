"""The statements of the upgrade as one script for squawk, and the way back from a line to its statement.

The whole upgrade goes in at once, since squawk leaves a table alone that the same script creates in a transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.migration.alembic_runner import RanStatement
from bot.migration.sql_parse import clean_statement

_OWN_COMMENTS = re.compile("squawk-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Script:
    """`owners` has, for each line of the text, the index of the statement that it is part of."""

    text: str
    owners: tuple[int | None, ...]

    def find_index(self, line: int) -> int | None:
        """The statement on that line (from 0); None for a line of ours."""
        return self.owners[line] if line < len(self.owners) else None


def render_script(
    statements: Sequence[RanStatement], *, without: Collection[int] = (), transaction_per_revision: bool = False
) -> Script:
    """The script, with the transactions written out: squawk then knows what ran in one and what did not."""
    lines: list[str] = []
    owners: list[int | None] = []
    is_open = False
    revision: str | None = None
    for index, statement in enumerate(statements):
        ends = statement.autocommit or (transaction_per_revision and statement.revision != revision)
        if is_open and ends:
            lines.append("COMMIT;")
            owners.append(None)
            is_open = False
        if not is_open and not statement.autocommit:
            lines.append("BEGIN;")
            owners.append(None)
            is_open = True
        revision = statement.revision
        if index not in without:
            new = _render(statement.sql)
            lines += new
            owners += [index] * len(new)
    if is_open:
        lines.append("COMMIT;")
        owners.append(None)
    return Script("\n".join(lines) + "\n", tuple(owners))


def _render(sql: str) -> list[str]:
    """The semicolon has a line of its own, as the statement may end in a comment.

    Comments with which squawk is silenced are spoilt: ours are, which ask for a reason.
    """
    text = _OWN_COMMENTS.sub("squawk_", clean_statement(sql))
    return [*re.split(r"\r\n|\r|\n", text), ";"]
