"""One change each, and the risks that it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.pull_request.risks import Risk
from bot.schema.model import (
    Check,
    Column,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Function,
    Other,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
    View,
)
from bot.spec.model import ColumnSpec, DataModel, TableSpec
from tests.pull_request.schemas import make_index, make_schema

ID = Column("id", "integer", nullable=False)
NOTE = Column("note", "character varying(20)")
KEY = PrimaryKey("pk_t", ("id",))
OTHER = Table("public", "o", (ID,), PrimaryKey("pk_o", ("id",)))
TABLE = Table("public", "t", (ID, NOTE), KEY)
FOREIGN = ForeignKey("fk_t_o", ("id",), "public", "o", ("id",))
CHECK = Check("ck_t", "id > 0")
UNIQUE = Unique("uq_t", ("note",))
DOMAIN = Domain("public", "d", "integer")
MOOD = Enum("public", "mood", ("sad", "glad"))
VIEW = View("public", "v", "SELECT 1")
FUNCTION = Function("public", "f()", "CREATE FUNCTION f()")
TRIGGER = Trigger("tr", "CREATE TRIGGER tr")
POLICY = Other("public", "p", "policy", "CREATE POLICY p", table="t")
NO_MODEL = DataModel()


def with_columns(*columns: Column) -> Table:
    return replace(TABLE, columns=(*TABLE.columns, *columns))


def renamed(table: str | None = None, column: str | None = None) -> DataModel:
    columns = (ColumnSpec("new", 2, was=column),) if column else ()
    return DataModel(tables=(TableSpec("u" if table else "t", 1, columns=columns, was=table),))


# What it is, before, after, the data model, the risks.
CASES: tuple[tuple[str, Table | Schema, Table | Schema, DataModel, Sequence[Risk]], ...] = (
    (
        "a new table",
        make_schema(),
        make_schema(replace(TABLE, foreign_keys=(FOREIGN,), uniques=(UNIQUE,))),
        NO_MODEL,
        [],
    ),
    (
        "a new table that refers to one in use",
        make_schema(OTHER),
        make_schema(OTHER, replace(TABLE, foreign_keys=(FOREIGN, replace(FOREIGN, name="again")))),
        NO_MODEL,
        [Risk("existing_referenced", "", "o"), Risk("existing_referenced", "", "o")],
    ),
    ("a dropped table", TABLE, make_schema(), NO_MODEL, [Risk("table_dropped", "t", "t")]),
    ("a renamed table", TABLE, replace(TABLE, name="u"), renamed(table="t"), [Risk("table_renamed", "t", "t", "u")]),
    ("options", TABLE, replace(TABLE, options=("UNLOGGED",)), NO_MODEL, [Risk("table_changed", "t", "t")]),
    ("a comment on a table", TABLE, replace(TABLE, comment="x"), NO_MODEL, []),
    ("a nullable column", TABLE, with_columns(Column("a", "text")), NO_MODEL, []),
    (
        "not null",
        TABLE,
        with_columns(Column("a", "text", nullable=False)),
        NO_MODEL,
        [Risk("not_null_added", "t", "a")],
    ),
    (
        "a default",
        TABLE,
        with_columns(Column("a", "integer", False, "0")),
        NO_MODEL,
        [Risk("default_for_existing", "t", "a", "0")],
    ),
    (
        "now() is stable",
        TABLE,
        with_columns(Column("a", "date", False, "now()")),
        NO_MODEL,
        [Risk("default_for_existing", "t", "a", "now()")],
    ),
    (
        "a volatile default",
        TABLE,
        with_columns(Column("a", "uuid", False, "gen_random_uuid()")),
        NO_MODEL,
        [Risk("table_rewritten", "t", "a")],
    ),
    (
        "an identity",
        TABLE,
        with_columns(Column("a", "bigint", False, identity="always")),
        NO_MODEL,
        [Risk("table_rewritten", "t", "a")],
    ),
    (
        "a stored column",
        TABLE,
        with_columns(Column("a", "bigint", generated="id * 2")),
        NO_MODEL,
        [Risk("table_rewritten", "t", "a")],
    ),
    ("a virtual column", TABLE, with_columns(Column("a", "bigint", False, generated="id", virtual=True)), NO_MODEL, []),
    ("a dropped column", TABLE, replace(TABLE, columns=(ID,)), NO_MODEL, [Risk("column_dropped", "t", "note")]),
    (
        "a renamed column",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, name="new", nullable=False))),
        renamed(column="note"),
        [Risk("column_renamed", "t", "note", "new")],
    ),
    (
        "a wider type",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, type="text"))),
        NO_MODEL,
        [Risk("type_widened", "t", "note", "varchar(20) → text")],
    ),
    (
        "a narrower type",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, type="character varying(9)"))),
        NO_MODEL,
        [Risk("type_changed", "t", "note", "varchar(20) → varchar(9)")],
    ),
    (
        "another collation",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, collation="C"))),
        NO_MODEL,
        [Risk("collation_changed", "t", "note", "default → C")],
    ),
    (
        "now not null",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, nullable=False))),
        NO_MODEL,
        [Risk("not_null_set", "t", "note")],
    ),
    (
        "not null, not validated",
        TABLE,
        replace(TABLE, columns=(ID, replace(NOTE, nullable=False, not_null_validated=False))),
        NO_MODEL,
        [],
    ),
    (
        "now nullable",
        with_columns(Column("a", "text", nullable=False)),
        with_columns(Column("a", "text")),
        NO_MODEL,
        [Risk("null_allowed", "t", "a")],
    ),
    ("another default", TABLE, replace(TABLE, columns=(ID, replace(NOTE, default="'x'"))), NO_MODEL, []),
    (
        "an index",
        TABLE,
        replace(TABLE, indexes=(make_index("t", "note"),)),
        NO_MODEL,
        [Risk("index_added", "t", "ix_t_note")],
    ),
    (
        "a unique index",
        TABLE,
        replace(TABLE, indexes=(replace(make_index("t", "note"), unique=True),)),
        NO_MODEL,
        [Risk("unique_added", "t", "ix_t_note")],
    ),
    (
        "an index less",
        replace(TABLE, indexes=(make_index("t", "note"),)),
        TABLE,
        NO_MODEL,
        [Risk("index_dropped", "t", "ix_t_note")],
    ),
    (
        "a unique index less",
        replace(TABLE, indexes=(replace(make_index("t", "note"), unique=True),)),
        TABLE,
        NO_MODEL,
        [Risk("constraint_dropped", "t", "ix_t_note")],
    ),
    ("a unique constraint", TABLE, replace(TABLE, uniques=(UNIQUE,)), NO_MODEL, [Risk("unique_added", "t", "uq_t")]),
    (
        "its comment",
        replace(TABLE, uniques=(UNIQUE,)),
        replace(TABLE, uniques=(replace(UNIQUE, comment="x"),)),
        NO_MODEL,
        [],
    ),
    ("one less", replace(TABLE, uniques=(UNIQUE,)), TABLE, NO_MODEL, [Risk("constraint_dropped", "t", "uq_t")]),
    (
        "another key",
        TABLE,
        replace(TABLE, primary_key=PrimaryKey("pk_t", ("id", "note"))),
        NO_MODEL,
        [Risk("unique_added", "t", "pk_t")],
    ),
    ("a check", TABLE, replace(TABLE, checks=(CHECK,)), NO_MODEL, [Risk("check_added", "t", "ck_t")]),
    ("a check, not validated", TABLE, replace(TABLE, checks=(replace(CHECK, validated=False),)), NO_MODEL, []),
    (
        "an exclusion",
        TABLE,
        replace(TABLE, exclusions=(Exclusion("ex_t", "EXCLUDE (id WITH =)"),)),
        NO_MODEL,
        [Risk("exclusion_added", "t", "ex_t")],
    ),
    (
        "a foreign key",
        make_schema(TABLE, OTHER),
        make_schema(replace(TABLE, foreign_keys=(FOREIGN,)), OTHER),
        NO_MODEL,
        [Risk("foreign_key_added", "t", "fk_t_o")],
    ),
    ("a new enum", TABLE, make_schema(TABLE, enums=(MOOD,)), NO_MODEL, []),
    (
        "a new value",
        make_schema(enums=(MOOD,)),
        make_schema(enums=(replace(MOOD, values=("sad", "calm", "glad")),)),
        NO_MODEL,
        [Risk("enum_value_added", "", "mood", "calm")],
    ),
    (
        "a value less",
        make_schema(enums=(MOOD,)),
        make_schema(enums=(replace(MOOD, values=("glad", "calm")),)),
        NO_MODEL,
        [Risk("enum_value_removed", "", "mood", "sad")],
    ),
    (
        "a domain",
        Schema("postgresql", domains=(DOMAIN,)),
        Schema("postgresql", domains=(replace(DOMAIN, nullable=False),)),
        NO_MODEL,
        [Risk("domain_changed", "", "d")],
    ),
    ("a trigger", TABLE, replace(TABLE, triggers=(TRIGGER,)), NO_MODEL, [Risk("trigger_changed", "t", "tr")]),
    (
        "a function",
        Schema("postgresql", functions=(FUNCTION,)),
        Schema("postgresql"),
        NO_MODEL,
        [Risk("function_changed", "", "f()")],
    ),
    (
        "a view",
        Schema("postgresql", views=(VIEW,)),
        Schema("postgresql", views=(replace(VIEW, definition="SELECT 2"),)),
        NO_MODEL,
        [Risk("view_changed", "", "v")],
    ),
    (
        "a policy",
        make_schema(TABLE),
        replace(make_schema(TABLE), others=(POLICY,)),
        NO_MODEL,
        [Risk("other_changed", "t", "p", "policy")],
    ),
)


def as_schema(value: Table | Schema) -> Schema:
    return make_schema(value) if isinstance(value, Table) else value
