"""What makes Postgres write a whole table anew, and what does not.

Every line here is what a server did (relfilenode before and after, tests/migration/test_rewrites.py). The rules are in
https://www.postgresql.org/docs/current/sql-altertable.html (Notes) and in ATColumnChangeRequiresRewrite and
ATExecAddColumn of src/backend/commands/tablecmds.c.
"""

from __future__ import annotations

import re

from bot.migration.casts import strip_measures
from bot.migration.types import split_name
from bot.schema.model import Column, Schema

_UNMEASURED = {
    ("text", "character varying"),
    ("character varying", "text"),
    ("cidr", "inet"),
    ("xml", "text"),
    ("integer", "oid"),
    ("oid", "integer"),
}
_WIDENING = frozenset(
    {
        "character varying",
        "bit varying",
        "timestamp without time zone",
        "timestamp with time zone",
        "time without time zone",
        "time with time zone",
        "interval",
    }
)
# Functions whose value is the same for every row that one statement fills (pg_proc.provolatile is not "v").
_STEADY = frozenset(
    {
        "now",
        "transaction_timestamp",
        "statement_timestamp",
        "timezone",
        "to_timestamp",
        "date_trunc",
        "upper",
        "lower",
        "coalesce",
        "row",
        "array",
        "current_setting",
        "jsonb_build_object",
        "jsonb_build_array",
        "json_build_object",
        "make_interval",
        "md5",
        "concat",
        "round",
    }
)
_CALL = re.compile(r"([\w.\"]+)\s*\(")


def is_rewrite_free(before: str, after: str) -> bool:
    """Whether ALTER COLUMN TYPE between these only changes the catalog. Both in the spelling of `format_type`."""
    if before == after:
        return True
    old, new = strip_measures(before), strip_measures(after)
    if (old, new) in _UNMEASURED:
        return after in ("text", "character varying", "inet", "oid", "integer")
    if old != new:
        return False
    if old == "numeric":
        return _is_numeric_wider(_read_measures(before), _read_measures(after))
    return old in _WIDENING and _is_wider(_read_measures(before), _read_measures(after))


def is_volatile(default: str | None) -> bool:
    """Whether rows that stand would each need a value of their own: then adding the column rewrites the table.

    A function that is not known counts as such, for the careful way is right for every default.
    """
    if default is None:
        return False
    bare = re.sub(r"'(?:[^']|'')*'", "''", default)
    names = {name.rpartition(".")[2].strip('"').lower() for name in _CALL.findall(bare)}
    return bool(names - _STEADY)


def find_reason_to_rewrite(column: Column, schema: Schema) -> str | None:
    """Why adding this column to a table with rows writes the table anew, None when it does not."""
    if column.generated is not None:
        return "its values are computed for every row"
    if column.identity is not None:
        return "every row gets a number"
    if is_volatile(column.default):
        return "its default differs from row to row"
    for domain in schema.domains:
        if (domain.schema, domain.name) == split_name(column.type) and (domain.checks or not domain.nullable):
            return f"the domain {domain.name} is checked for every row"
    return None


def _read_measures(type_: str) -> tuple[int, ...] | None:
    match = re.search(r"\(([\d,\-]+)\)", type_)
    return tuple(int(part) for part in match[1].split(",")) if match else None


def _is_wider(old: tuple[int, ...] | None, new: tuple[int, ...] | None) -> bool:
    return new is None or (old is not None and new[0] >= old[0])


def _is_numeric_wider(old: tuple[int, ...] | None, new: tuple[int, ...] | None) -> bool:
    if new is None:
        return True
    return old is not None and new[0] >= old[0] and new[1:] == old[1:]
