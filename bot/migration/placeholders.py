"""What rows get in a column that a downgrade brings back and whose values are gone."""

from __future__ import annotations

from bot.migration.casts import strip_measures
from bot.migration.sql_text import quote_literal, quote_name, quote_qualified
from bot.migration.types import split_name
from bot.schema.model import Column, ForeignKey, Schema, Table

_NEUTRAL = {
    "smallint": "0",
    "integer": "0",
    "bigint": "0",
    "numeric": "0",
    "real": "0",
    "double precision": "0",
    "boolean": "false",
    "text": "''",
    "character varying": "''",
    "character": "''",
    "bytea": "''",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "timestamp without time zone": "localtimestamp",
    "time without time zone": "localtime",
    "time with time zone": "current_time",
    "interval": "'0'",
    "uuid": "gen_random_uuid()",
    "json": "'{}'",
    "jsonb": "'{}'",
    "inet": "'0.0.0.0'",
    "cidr": "'0.0.0.0/0'",
    "money": "0",
    "point": "'(0,0)'",
    **dict.fromkeys(("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"), "'empty'"),
    **dict.fromkeys(
        ("int4multirange", "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange"),
        "'{}'",
    ),
}
# The place of a row in its table is the one thing that tells it from every other row, whatever the table has.
_PLACE = "(ctid::text::point)"
_NUMBER_OF_ROW = f"({_PLACE}[0]::bigint * 65536 + {_PLACE}[1]::bigint)"
_DISTINCT = {
    "bigint": _NUMBER_OF_ROW,
    "integer": f"{_NUMBER_OF_ROW}::integer",
    "numeric": _NUMBER_OF_ROW,
    "text": "ctid::text",
    "character varying": "ctid::text",
    "date": f"date '2000-01-01' + {_NUMBER_OF_ROW}::integer",
    "timestamp with time zone": f"timestamptz '2000-01-01' + {_NUMBER_OF_ROW} * interval '1 second'",
    "timestamp without time zone": f"timestamp '2000-01-01' + {_NUMBER_OF_ROW} * interval '1 second'",
}


def render_placeholder(table: Table, column: Column, schema: Schema) -> str:
    """A value for each row: of the referred table, different from row to row where that is asked, else a neutral one.

    A check may still refuse it; then the downgrade says so, and nothing is changed.
    """
    key = _find_key(table, column)
    base = strip_measures(_resolve(column.type, schema))
    if key is not None and not _is_unique(table, column):
        referred = quote_name(key.referred_columns[key.columns.index(column.name)])
        where = quote_qualified(key.referred_schema, key.referred_table)
        return f"(SELECT min({referred}) FROM {where})"  # noqa: S608 (names are quoted)
    if _is_unique(table, column) and base in _DISTINCT:
        return _DISTINCT[base]
    for enum in schema.enums:
        if (enum.schema, enum.name) == split_name(column.type) and enum.values:
            return quote_literal(enum.values[0])
    return "'{}'" if base.endswith("[]") else _NEUTRAL.get(base, "''")


def _resolve(type_: str, schema: Schema) -> str:
    """The type below a domain."""
    domains = {(domain.schema, domain.name): domain.type for domain in schema.domains}
    while (below := domains.get(split_name(type_))) is not None:
        type_ = below
    return type_


def _find_key(table: Table, column: Column) -> ForeignKey | None:
    return next((key for key in table.foreign_keys if column.name in key.columns), None)


def _is_unique(table: Table, column: Column) -> bool:
    keys = [part.columns for part in table.uniques]
    keys += [table.primary_key.columns] if table.primary_key else []
    keys += [tuple(key.column or "" for key in index.keys) for index in table.indexes if index.unique]
    return any(column.name in key for key in keys)
