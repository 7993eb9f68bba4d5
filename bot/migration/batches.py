"""Rows filled a few at a time, each batch committed, so that no row stays locked for long and vacuum can follow.

By the place of the rows (ctid), which every table has; Postgres reads only the pages asked for since version 14.
What has a value already is passed over, so a run that was broken off goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.migration.sql_text import quote_literal, quote_qualified
from bot.migration.steps import Step, sql

PAGES_PER_BATCH = 500  # 4 MB, some ten thousand rows of the usual size


def fill_in_batches(schema: str, table: str, assignments: Sequence[str], where: str, note: str = "") -> Step:
    """A step outside of any transaction that sets `assignments` in the rows for which `where` holds.

    The last statement takes the rows that moved to an earlier page while the batches ran.
    """
    name = quote_qualified(schema, table)
    update = f"UPDATE {name} SET {', '.join(assignments)} WHERE ({where})"  # noqa: S608 (names are quoted)
    text = f"""DO $do$ DECLARE
    page bigint := 0;
    pages bigint := pg_relation_size({quote_literal(name)}) / current_setting('block_size')::bigint;
BEGIN
    WHILE page <= pages LOOP
        {update}
            AND ctid >= format('(%s,0)', page)::tid AND ctid < format('(%s,0)', page + {PAGES_PER_BATCH})::tid;
        COMMIT;
        page := page + {PAGES_PER_BATCH};
    END LOOP;
    {update};
END $do$"""
    holds_lines = "\n" in update  # a constant may: then white space counts
    return sql(text, note, autocommit=True, is_verbatim=holds_lines, is_spaced=not holds_lines)
