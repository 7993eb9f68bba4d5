"""Which type names Postgres knows by itself, and which extension brings the others that people use."""

from __future__ import annotations

from typing import Any

from bot.spec.sql.text import NotSql, parse_statement

# https://www.postgresql.org/docs/current/datatype.html
_BUILT_IN = """
    bigint bigserial bit bool boolean box bpchar bytea char character cidr circle date daterange datemultirange decimal
    double float float4 float8 inet int int2 int4 int4range int4multirange int8 int8range int8multirange integer
    interval json jsonb jsonpath line lseg macaddr macaddr8 money name numeric nummultirange numrange oid path pg_lsn
    pg_snapshot point polygon real regclass regproc regtype serial serial2 serial4 serial8 smallint smallserial text
    time timestamp timestamptz timetz tsmultirange tsquery tsrange tstzmultirange tstzrange tsvector uuid varbit varchar
    xid8 xml
"""
BUILT_IN = frozenset(_BUILT_IN.split())
SERIAL = frozenset(name for name in BUILT_IN if "serial" in name)
FROM_EXTENSION = {
    **dict.fromkeys(("citext",), "citext"),
    **dict.fromkeys(("hstore",), "hstore"),
    **dict.fromkeys(("ltree", "lquery", "ltxtquery"), "ltree"),
    **dict.fromkeys(("vector", "halfvec", "sparsevec"), "vector"),
    **dict.fromkeys(("geometry", "geography"), "postgis"),
    **dict.fromkeys(("cube",), "cube"),
    **dict.fromkeys(("isbn", "isbn13", "ean13", "issn"), "isn"),
}
# Extensions whose types are above, or that bring none.
_WITHOUT_TYPES = """btree_gin btree_gist dict_int fuzzystrmatch intarray pg_stat_statements pg_trgm pgcrypto plpgsql
    tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp"""
EXTENSIONS_LISTED = frozenset(FROM_EXTENSION.values()) | frozenset(_WITHOUT_TYPES.split())

TypeKey = tuple[tuple[str, ...], str, bool]


def find_type_key(text: str) -> TypeKey | None:
    """(names, modifiers, whether it is an array): equal for two spellings of a type. None when it is none."""
    try:
        return read_type_key(parse_statement(f"SELECT NULL::{text}").targetList[0].val.typeName)
    except (NotSql, AttributeError, TypeError, IndexError):
        return None


def read_type_key(node: Any) -> TypeKey:
    """The same of a `TypeName` of the syntax tree."""
    names = tuple(str(name.sval) for name in node.names)
    modifiers = ",".join(repr(getattr(item, "val", item)) for item in node.typmods or ())
    return (names[1:] if names[0] == "pg_catalog" else names), modifiers, bool(node.arrayBounds)
