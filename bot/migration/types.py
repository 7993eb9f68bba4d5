"""How a column type that Postgres names (`format_type`) is spelled in SQLAlchemy source."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine, UserDefinedType

from bot.schema.model import Schema

# Says what a type is that SQLAlchemy has no class for (point, xml, vector(3), composite types …).
SQL_TYPE_DEFINITION = '''class SqlType(sa.types.UserDefinedType):
    """A column type by its name in SQL, for those that SQLAlchemy has no class for."""

    cache_ok = True

    def __init__(self, sql):
        self.sql = sql

    def get_col_spec(self, **kw):
        return self.sql
'''


class SqlType(UserDefinedType[object]):
    """A column type by its name in SQL; the same class stands in a revision that needs it."""

    cache_ok = True

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def get_col_spec(self, **_options: object) -> str:
        """The name as it stands in DDL."""
        return self.sql


@dataclass(frozen=True, slots=True)
class TypeSource:
    """`expr` is the Python expression, `imports` the lines that it needs beside `import sqlalchemy as sa`.

    `definitions` are classes that must stand above it, for types that SQLAlchemy has no class for.
    """

    expr: str
    imports: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()


_PLAIN: Mapping[str, Callable[[], TypeEngine[Any]]] = {
    "integer": sa.Integer,
    "bigint": sa.BigInteger,
    "smallint": sa.SmallInteger,
    "boolean": sa.Boolean,
    "text": sa.Text,
    "bytea": sa.LargeBinary,
    "date": sa.Date,
    "uuid": sa.Uuid,
    "json": sa.JSON,
    "jsonb": postgresql.JSONB,
    "real": sa.REAL,
    "double precision": sa.Double,
    "numeric": sa.Numeric,
    "character varying": sa.String,
    "timestamp without time zone": sa.DateTime,
    "timestamp with time zone": lambda: sa.DateTime(timezone=True),
    "time without time zone": sa.Time,
    "time with time zone": lambda: sa.Time(timezone=True),
    "interval": sa.Interval,
    "bit varying": lambda: postgresql.BIT(varying=True),
    "inet": postgresql.INET,
    "cidr": postgresql.CIDR,
    "macaddr": postgresql.MACADDR,
    "macaddr8": postgresql.MACADDR8,
    "money": postgresql.MONEY,
    "oid": postgresql.OID,
    "regclass": postgresql.REGCLASS,
    "regconfig": postgresql.REGCONFIG,
    "tsvector": postgresql.TSVECTOR,
    "tsquery": postgresql.TSQUERY,
    "hstore": postgresql.HSTORE,
    "citext": postgresql.CITEXT,
    "int4range": postgresql.INT4RANGE,
    "int8range": postgresql.INT8RANGE,
    "numrange": postgresql.NUMRANGE,
    "daterange": postgresql.DATERANGE,
    "tsrange": postgresql.TSRANGE,
    "tstzrange": postgresql.TSTZRANGE,
    "int4multirange": postgresql.INT4MULTIRANGE,
    "int8multirange": postgresql.INT8MULTIRANGE,
    "nummultirange": postgresql.NUMMULTIRANGE,
    "datemultirange": postgresql.DATEMULTIRANGE,
    "tsmultirange": postgresql.TSMULTIRANGE,
    "tstzmultirange": postgresql.TSTZMULTIRANGE,
}
_MEASURED: tuple[tuple[str, Callable[..., TypeEngine[Any]]], ...] = (
    (r"character varying\((\d+)\)", lambda n: sa.String(int(n))),
    (r"character\((\d+)\)", lambda n: sa.CHAR(int(n))),
    (r"numeric\((\d+),(-?\d+)\)", lambda p, s: sa.Numeric(int(p), int(s))),
    (r"bit\((\d+)\)", lambda n: postgresql.BIT(int(n))),
    (r"bit varying\((\d+)\)", lambda n: postgresql.BIT(int(n), varying=True)),
    (r"timestamp\((\d)\) without time zone", lambda n: postgresql.TIMESTAMP(precision=int(n))),
    (r"timestamp\((\d)\) with time zone", lambda n: postgresql.TIMESTAMP(timezone=True, precision=int(n))),
    (r"time\((\d)\) without time zone", lambda n: postgresql.TIME(precision=int(n))),
    (r"time\((\d)\) with time zone", lambda n: postgresql.TIME(timezone=True, precision=int(n))),
    (r"interval\((\d)\)", lambda n: postgresql.INTERVAL(precision=int(n))),
    (r"interval ([a-z]+(?: to [a-z]+)?)", lambda f: postgresql.INTERVAL(fields=f.upper())),
    (
        r"interval ([a-z]+(?: to [a-z]+)?)\((\d)\)",
        lambda f, n: postgresql.INTERVAL(fields=f.upper(), precision=int(n)),
    ),
)

_SQLITE: Mapping[str, Callable[[], TypeEngine[Any]]] = {
    "INTEGER": sa.Integer,
    "BIGINT": sa.BigInteger,
    "SMALLINT": sa.SmallInteger,
    "BOOLEAN": sa.Boolean,
    "TEXT": sa.Text,
    "VARCHAR": sa.String,
    "BLOB": sa.LargeBinary,
    "DATE": sa.Date,
    "DATETIME": sa.DateTime,
    "TIME": sa.Time,
    "TIMESTAMP": sa.TIMESTAMP,
    "FLOAT": sa.Float,
    "REAL": sa.REAL,
    "NUMERIC": sa.Numeric,
    "JSON": sa.JSON,
}


def read_type(text: str, schema: Schema | None = None, collation: str | None = None) -> TypeEngine[Any]:
    """The SQLAlchemy type of a name as `format_type` gives it.

    `schema` tells which names are enums and domains. What SQLAlchemy has no class for becomes an `SqlType`.
    """
    if schema is not None and schema.dialect == "sqlite":
        return _read_sqlite_type(text, collation)
    if text.endswith("[]"):
        return postgresql.ARRAY(read_type(text[:-2], schema, collation))
    if collation is not None:
        return _read_collated(text, collation)
    if text in _PLAIN:
        return _PLAIN[text]()
    for pattern, build in _MEASURED:
        match = re.fullmatch(pattern, text)
        if match:
            return build(*match.groups())
    return (_find_named(text, schema) if schema else None) or SqlType(text)


def render_type(text: str, schema: Schema | None = None, collation: str | None = None) -> TypeSource:
    """The source of a type, as Alembic's autogenerate would write it: `sa.String(length=255)`."""
    context = make_render_context()
    type_ = read_type(text, schema, collation)
    expr = render._repr_type(type_, context)
    definitions = (SQL_TYPE_DEFINITION,) if "SqlType(" in expr else ()
    return TypeSource(expr, tuple(sorted(context.imports)), definitions)


def make_render_context() -> AutogenContext:
    """What Alembic's renderers need to know, with our spelling of types; it collects the imports."""
    options = {
        "sqlalchemy_module_prefix": "sa.",
        "alembic_module_prefix": "op.",
        "user_module_prefix": None,
        "render_as_batch": False,
        "render_item": _render_item,
    }
    context = AutogenContext(_migration_context(), opts=options)
    context.imports = set()
    return context


def split_name(text: str) -> tuple[str, str]:
    """(schema, name) of a name as the catalog quotes it; the schema is `public` when none is given."""
    parts = re.findall(r'"((?:[^"]|"")+)"|([^".]+)', text)
    names = [quoted.replace('""', '"') if quoted else plain for quoted, plain in parts]
    return (names[0], names[1]) if len(names) == 2 else ("public", names[-1] if names else text)


@lru_cache(maxsize=1)
def _migration_context() -> MigrationContext:
    # "named" keeps percent signs single: the text goes to a file, not to a driver.
    return MigrationContext.configure(dialect=postgresql.dialect(paramstyle="named"))  # type: ignore[no-untyped-call]


def _read_sqlite_type(text: str, collation: str | None) -> TypeEngine[Any]:
    """SQLite keeps a type as it was written; those that SQLAlchemy writes get its class again."""
    if collation is not None:
        return SqlType(f"{text} COLLATE {collation}")
    if text in _SQLITE:
        return _SQLITE[text]()
    match = re.fullmatch(r"(VARCHAR|CHAR)\((\d+)\)", text)
    if match:
        return (sa.String if match[1] == "VARCHAR" else sa.CHAR)(int(match[2]))
    match = re.fullmatch(r"NUMERIC\((\d+), (\d+)\)", text)
    return sa.Numeric(int(match[1]), int(match[2])) if match else SqlType(text)


def _read_collated(text: str, collation: str) -> TypeEngine[Any]:
    if text == "text":
        return sa.Text(collation=collation)
    match = re.fullmatch(r"(character varying|character)(?:\((\d+)\))?", text)
    if not match:
        quoted = '"' + collation.replace('"', '""') + '"'
        return SqlType(f"{text} COLLATE {quoted}")
    length = int(match[2]) if match[2] else None
    return (sa.String if match[1] == "character varying" else sa.CHAR)(length, collation=collation)


def _find_named(text: str, schema: Schema) -> TypeEngine[Any] | None:
    name = split_name(text)
    namespace = None if name[0] == "public" else name[0]
    for enum in schema.enums:
        if (enum.schema, enum.name) == name:
            return postgresql.ENUM(*enum.values, name=enum.name, schema=namespace, create_type=False)
    for domain in schema.domains:
        if (domain.schema, domain.name) == name:
            base = read_type(domain.type, schema)
            return postgresql.DOMAIN(domain.name, base, schema=namespace, create_type=False)
    return None


def _render_item(kind: str, item: Any, context: AutogenContext) -> str | bool:
    """Our spelling where Alembic's has noise (`astext_type=sa.Text()`) or none; False leaves it to Alembic."""
    if kind == "primary_key" and item.dialect_kwargs:
        return _render_key(item, context)
    if kind != "type":
        return False
    if isinstance(item, SqlType):
        return f"SqlType({item.sql!r})"
    if isinstance(item, (postgresql.JSONB, postgresql.HSTORE)):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return f"postgresql.{type(item).__name__}()"
    if isinstance(item, postgresql.ARRAY):
        context.imports.add("from sqlalchemy.dialects import postgresql")
        return f"postgresql.ARRAY({render._repr_type(item.item_type, context)})"
    return False


def _render_key(item: sa.PrimaryKeyConstraint, context: AutogenContext) -> str:
    """Alembic leaves out what only one dialect has."""
    arguments = [repr(column.name) for column in item.columns]
    arguments += [f"name={render._render_gen_name(context, item.name)!r}"] if item.name else []
    return (
        f"sa.PrimaryKeyConstraint({', '.join([*arguments, *(f'{k}={v!r}' for k, v in item.dialect_kwargs.items())])})"
    )
