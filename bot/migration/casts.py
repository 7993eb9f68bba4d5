"""How the values of a column get from one type to another: by themselves, or with a USING clause.

A cast that Postgres makes on assignment refuses what does not fit (a text too long for varchar(50)); an explicit one
cuts it. So USING is written only where there is no assignment cast (pg_cast.castcontext, Postgres 12 to 18).
"""

from __future__ import annotations

import re

_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_STRINGS = frozenset({"text", "character varying", "character", "name"})
_WHOLE = frozenset({"smallint", "integer", "bigint"})
_ASSIGNABLE = frozenset(
    {
        ("date", "timestamp without time zone"),
        ("date", "timestamp with time zone"),
        ("timestamp without time zone", "date"),
        ("timestamp with time zone", "date"),
        ("timestamp without time zone", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp without time zone"),
        ("timestamp without time zone", "time without time zone"),
        ("timestamp with time zone", "time without time zone"),
        ("time without time zone", "interval"),
        ("interval", "time without time zone"),
        ("json", "jsonb"),
        ("jsonb", "json"),
        ("cidr", "inet"),
        ("inet", "cidr"),
        ("numeric", "money"),
        ("money", "numeric"),
        ("bit", "bit varying"),
        ("bit varying", "bit"),
    }
)


def strip_measures(type_: str) -> str:
    """The type without length, precision and scale."""
    return re.sub(r"\([\d,\-]+\)", "", type_)


def is_automatic(before: str, after: str) -> bool:
    """Whether ALTER COLUMN TYPE needs no USING clause."""
    old, new = strip_measures(before), strip_measures(after)
    if old == new or (old in _NUMBERS and new in _NUMBERS):
        return True
    if new in ("text", "character varying", "character"):
        return True  # every type has an assignment cast to the string types (CREATE CAST, "automatic I/O conversion")
    return (old, new) in _ASSIGNABLE


def is_same_family(before: str, after: str) -> bool:
    """Whether what is compared with the column (defaults, foreign keys, checks) goes along by itself."""
    old, new = strip_measures(before), strip_measures(after)
    return old == new or any(old in family and new in family for family in (_NUMBERS, _STRINGS))


def is_same_key_family(before: str, after: str) -> bool:
    """Whether a foreign key between a column of each type stands, whichever of the two it is that refers."""
    old, new = strip_measures(before), strip_measures(after)
    return old == new or any(old in family and new in family for family in (_WHOLE, _STRINGS))


def render_using(column: str, before: str, after: str, *, reverting: bool = False) -> str | None:
    """The expression of the USING clause, None where none is needed. `column` is quoted where it must be.

    Between a single value and an array, the way back (`reverting`) undoes what the way there does.
    """
    to_array, from_array = after.endswith("[]"), before.endswith("[]")
    string = strip_measures(before if to_array else after) in _STRINGS
    if to_array and not from_array:
        if string and reverting:  # the way there wrote the whole array as text
            return f"{column}::{after}"
        element = column if is_automatic(before, after[:-2]) else _cast_scalar(column, before, after[:-2])
        return f"CASE WHEN {column} IS NOT NULL THEN ARRAY[{element}]::{after} END"
    if from_array and not to_array and (reverting or not string):
        return _cast_element(f"({column})[1]", before.removesuffix("[]"), after)
    if is_automatic(before, after):
        return None
    return f"{column}::text[]::{after}" if from_array else _cast_scalar(column, before, after)


def _cast_element(column: str, before: str, after: str) -> str:
    return f"{column}::{after}" if is_automatic(before, after) else _cast_scalar(column, before, after)


def _cast_scalar(column: str, before: str, after: str) -> str:
    old, new = strip_measures(before), strip_measures(after)
    if new == "boolean" and old in _NUMBERS:
        return f"{column} <> 0"
    if old == "boolean" and new in _NUMBERS:
        return f"{column}::integer" if new == "integer" else f"{column}::integer::{after}"
    if old in ("timestamp with time zone", "timestamp without time zone") and new in _NUMBERS:
        return f"extract(epoch FROM {column})::{after}"
    if old in _NUMBERS and new in ("timestamp with time zone", "timestamp without time zone"):
        return f"to_timestamp({column})" if "with time" in new else f"to_timestamp({column}) AT TIME ZONE 'UTC'"
    return f"{column}::{after}" if old in _STRINGS else f"{column}::text::{after}"
