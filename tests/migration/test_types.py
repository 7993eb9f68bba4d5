"""Types and SQL as source: a type written is the type that was read, and text comes back as it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql

from bot.migration.casts import is_automatic, render_using
from bot.migration.sql_text import (
    escape_parameters,
    find_words,
    quote_literal,
    quote_name,
    replace_word,
    simplify_expression,
)
from bot.migration.types import SqlType, TypeSource, read_type, render_type
from bot.schema.model import Domain, Enum, Schema

Fresh = Callable[[], sa.Engine]
NAMED = Schema(
    "postgresql",
    domains=(Domain("public", "email", "text"),),
    enums=(Enum("public", "status", ("a", "it's")), Enum("audit", "Odd Name", ("x",))),
)
POSTGRESQL = ("from sqlalchemy.dialects import postgresql",)
SOURCES = {
    "integer": "sa.Integer()",
    "character varying": "sa.String()",
    "character varying(255)": "sa.String(length=255)",
    "character(2)": "sa.CHAR(length=2)",
    "numeric(10,2)": "sa.Numeric(precision=10, scale=2)",
    "double precision": "sa.Double()",
    "timestamp with time zone": "sa.DateTime(timezone=True)",
    "timestamp(3) without time zone": "postgresql.TIMESTAMP(precision=3)",
    "uuid": "sa.Uuid()",
    "bytea": "sa.LargeBinary()",
    "jsonb": "postgresql.JSONB()",
    "text[]": "postgresql.ARRAY(sa.Text())",
    "jsonb[]": "postgresql.ARRAY(postgresql.JSONB())",
    "interval day to second(2)": "postgresql.INTERVAL(precision=2, fields='DAY TO SECOND')",
    "status": """postgresql.ENUM('a', "it's", name='status', create_type=False)""",
    'audit."Odd Name"': "postgresql.ENUM('x', name='Odd Name', create_type=False, schema='audit')",
    "email": "postgresql.DOMAIN('email', sa.Text(), create_type=False)",
    "vector(3)": "SqlType('vector(3)')",
    "point[]": "postgresql.ARRAY(SqlType('point'))",
}


@pytest.mark.parametrize("text", SOURCES)
def test_source_of_a_type(text: str) -> None:
    source = render_type(text, NAMED)
    assert source.expr == SOURCES[text]
    assert source.imports == (POSTGRESQL if "postgresql." in source.expr else ())
    assert bool(source.definitions) == ("SqlType" in source.expr)


def test_collations() -> None:
    assert render_type("text", collation="C") == TypeSource("sa.Text(collation='C')")
    assert render_type("character varying(3)", collation="C").expr == "sa.String(length=3, collation='C')"


def test_definition_is_the_class_that_it_stands_for() -> None:
    scope: dict[str, object] = {"sa": sa}
    exec(render_type("point").definitions[0], scope)
    written = eval("SqlType('point')", scope)
    assert written.get_col_spec() == SqlType("point").get_col_spec() == "point"


SPELLED = [
    *("smallint", "integer", "bigint", "numeric", "numeric(12,3)", "real", "double precision", "boolean", "money"),
    *("character varying", "character varying(3)", "character(5)", "text", "bytea", "date", "uuid", "json", "jsonb"),
    *("time without time zone", "time(3) with time zone", "timestamp without time zone", "timestamp(0) with time zone"),
    *("interval", "interval(3)", "interval year", "interval day to second(2)", "inet", "cidr", "macaddr", "macaddr8"),
    *("bit(4)", "bit varying(8)", "bit varying", "xml", "point", "tsvector", "tsquery", "int4range", "tstzmultirange"),
    *("text[]", "character varying(9)[]", "numeric(6,2)[]", '"char"', "name", "oid", "regclass", "bpchar"),
]


def test_a_type_written_is_the_type_that_was_read(fresh_database: Fresh) -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    with fresh_database().connect() as connection:
        for text in SPELLED:
            connection.exec_driver_sql(f"CREATE TEMP TABLE t (c {read_type(text).compile(dialect=dialect)})")
            query = (
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
                "WHERE attrelid = 't'::regclass AND attnum = 1"
            )
            assert connection.exec_driver_sql(query).scalar_one() == text
            connection.exec_driver_sql("DROP TABLE t")


@given(st.text(alphabet="ab:\\'\"% ,()\n", max_size=20) | st.text(max_size=20))
def test_text_of_sqlalchemy_gives_back_the_sql(sql: str) -> None:
    dialect = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    assert str(sa.text(escape_parameters(sql)).compile(dialect=dialect)) == sql


@given(text=st.text(alphabet=st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20))
def test_quoting_on_the_server(text: str, postgres_admin: sa.Engine) -> None:
    with postgres_admin.connect() as connection:
        sql = f"SELECT {quote_literal(text)}"
        found = connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).scalar_one()
        assert found == text


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("(kind)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])", "kind IN ('a', 'b')"),
        ("(c.k)::text <> ALL ((ARRAY['a''b'::character varying])::text[])", "c.k NOT IN ('a''b')"),
        (
            "x = ANY ((ARRAY['a'::bpchar, 'b'::bpchar])::text[])",
            "x = ANY ((ARRAY['a'::bpchar, 'b'::bpchar]::bpchar[])::text[])",
        ),
        ("price >= (0)::numeric", "price >= (0)::numeric"),
    ],
)
def test_expressions_that_are_no_fixed_point(shown: str, written: str) -> None:
    assert simplify_expression(shown) == written


def test_words_leave_constants_alone() -> None:
    assert find_words("lower(\"Odd Name\") || 'name' || name") == {"lower", "Odd Name", "name"}
    assert (
        replace_word("name = 'name' AND \"name\" <> names", "name", "Full") == '"Full" = \'name\' AND "Full" <> names'
    )
    assert quote_name("select") == '"select"'


@pytest.mark.parametrize(
    ("before", "after", "using"),
    [
        ("integer", "bigint", None),
        ("character varying(20)", "text", None),
        ("text", "character varying(20)", None),
        ("integer", "text", None),
        ("text", "integer", "c::integer"),
        ("status", "kind", "c::text::kind"),
        ("integer", "boolean", "c <> 0"),
        ("boolean", "bigint", "c::integer::bigint"),
        ("text", "text[]", "CASE WHEN c IS NOT NULL THEN ARRAY[c]::text[] END"),
        ("integer[]", "integer", "(c)[1]::integer"),
        ("integer[]", "status[]", "c::text[]::status[]"),
        ("timestamp with time zone", "bigint", "extract(epoch FROM c)::bigint"),
    ],
)
def test_using(before: str, after: str, using: str | None) -> None:
    assert render_using("c", before, after) == using
    assert is_automatic("date", "timestamp with time zone")
