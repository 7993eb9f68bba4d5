"""No false alarms: every type and feature that SQLAlchemy's dialects can create, made twice, is no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.base import ischema_names as postgres_names
from sqlalchemy.dialects.sqlite.base import ischema_names as sqlite_names

from bot.drift.live import read_live, read_structure
from bot.schema.snapshot import snapshot
from tests.drift.databases import compare, execute, look

# The Postgres of the tests brings no extension; to the catalog, a domain is a type of that name as well.
EXTENSIONS = ("citext", "hstore")
# What a column cannot be declared with by the class alone.
MADE: dict[str, Any] = {
    "ENUM": postgresql.ENUM("a", "b'c", name="letters"),
    "DOMAIN": postgresql.DOMAIN("positive", sa.Integer, check="VALUE > 0", not_null=True, default=sa.text("1")),
    "ARRAY": postgresql.ARRAY(sa.Text, dimensions=2),
    "NULL": None,
}
MORE: tuple[Any, ...] = (
    sa.String(20),
    sa.String(20, collation="C"),
    sa.CHAR(4),
    sa.Numeric(12, 4),
    sa.Numeric(4, -1),
    sa.Float(53),
    sa.Unicode(),
    sa.LargeBinary(),
    sa.PickleType(),
    sa.Interval(second_precision=3),
    sa.DateTime(timezone=True),
    sa.Enum("x", "y", native_enum=False, create_constraint=True, name="shape"),
    sa.Boolean(create_constraint=True, name="flag"),
    sa.ARRAY(sa.Numeric(6, 2)),
    sa.JSON(),
    sa.Uuid(as_uuid=False),
    postgresql.INTERVAL(fields="DAY TO SECOND", precision=2),
    postgresql.TIMESTAMP(precision=3),
    postgresql.TIME(timezone=True, precision=0),
    postgresql.BIT(8),
    postgresql.BIT(8, varying=True),
    postgresql.ARRAY(postgresql.ENUM("p", "q", name="pair")),
)


def make_types(names: dict[str, Any]) -> list[Any]:
    """Each type that the dialect knows by a name, and variants."""
    classes = {kind for kind in names.values() if kind.__name__ not in MADE}
    return [*(kind() for kind in sorted(classes, key=lambda kind: kind.__name__)), *filter(None, MADE.values())]


def make_table(metadata: sa.MetaData, name: str, types: Iterable[Any]) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(f"c{number}", kind, comment=f"{kind!r}"[:60]) for number, kind in enumerate(types)),
        comment="every type",
    )


def add_features(metadata: sa.MetaData) -> None:
    """What the Postgres dialect can say of tables, constraints and indexes."""
    sa.Sequence("tickets", start=5, increment=-2, minvalue=-100, maxvalue=10, cycle=True, cache=3, metadata=metadata)
    parent = sa.Table(
        "parents",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(start=10, increment=5, cycle=True), primary_key=True),
        sa.Column("code", sa.Text, sa.Computed("upper(kind)", persisted=True)),
        sa.Column("seen", sa.DateTime, server_default=sa.text("timezone('utc', now())")),
        sa.Column("kind", sa.Text, server_default='it\'s 100%: "so"'),
        sa.Column("number", sa.Integer, sa.Sequence("numbers", metadata=metadata), server_default=sa.text("7")),
        sa.Column("data", postgresql.JSONB, server_default=sa.text("'{}'::jsonb")),
        sa.Column("span", postgresql.INT4RANGE),
        sa.UniqueConstraint("number", "kind", deferrable=True, initially="DEFERRED", name="uq_late"),
        sa.UniqueConstraint("kind", postgresql_nulls_not_distinct=True, postgresql_include=["number"], name="uq_kind"),
        sa.CheckConstraint("kind IN ('a', 'b') OR number > 3", name="ck_kind", info={}),
        postgresql.ExcludeConstraint(("span", "&&"), where=sa.text("number > 0"), name="ex_span"),
        postgresql_with={"fillfactor": 70},
        prefixes=["UNLOGGED"],
    )
    sa.Table(
        "children",
        metadata,
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.BigInteger, nullable=True),
        sa.Column("child_id", sa.SmallInteger),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parents.id"],
            name="fk_parent",
            ondelete="SET NULL",
            onupdate="CASCADE",
            match="FULL",
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(["child_id", "part"], ["children.id", "children.part"], name="fk_self"),
        prefixes=["UNLOGGED"],
    )
    sa.Table(
        "parted", metadata, sa.Column("day", sa.Date), sa.Column("n", sa.Integer), postgresql_partition_by="RANGE (day)"
    )
    column = parent.c
    sa.Index("ix_expression", sa.func.lower(column.kind), column.number.desc().nulls_last())
    sa.Index("ix_partial", column.number, unique=True, postgresql_where=column.kind == "a", postgresql_include=["seen"])
    sa.Index("ix_gin", column.data, postgresql_using="gin", postgresql_ops={"data": "jsonb_path_ops"})
    sa.Index("ix_hash", column.kind, postgresql_using="hash")
    sa.Index("ix_brin", column.seen, postgresql_using="brin", postgresql_with={"pages_per_range": 16})
    sa.Index("ix_pattern", column.kind, postgresql_ops={"kind": "text_pattern_ops"})
    sa.Index("ix_distinct", column.code, unique=True, postgresql_nulls_not_distinct=True)


def make_postgres_metadata() -> sa.MetaData:
    metadata = sa.MetaData()
    make_table(metadata, "everything", make_types(postgres_names))
    make_table(metadata, "more", MORE)
    add_features(metadata)
    return metadata


def make_postgres(engine: sa.Engine) -> sa.Engine:
    execute(engine, "".join(f"CREATE DOMAIN {name} AS text;" for name in EXTENSIONS))
    make_postgres_metadata().create_all(engine)
    return engine


def test_every_postgres_type_is_in_a_column() -> None:
    table = make_postgres_metadata().tables["everything"]
    used = {type(column.type) for column in table.columns}
    assert {kind for kind in postgres_names.values() if MADE.get(kind.__name__, kind) is not None} <= used


def test_no_false_alarm_on_postgres(fresh_database: Callable[[], sa.Engine]) -> None:
    one, other = make_postgres(fresh_database()), make_postgres(fresh_database())
    live = read_live(other.url.render_as_string(hide_password=False), 5)
    assert compare(look(one), live.schema).items == ()


@pytest.mark.parametrize("kind", ["table", "more"])
def test_no_false_alarm_on_sqlite(kind: str) -> None:
    schemas = []
    for _ in range(2):
        metadata = sa.MetaData()
        types = {name: item for name, item in sqlite_names.items() if item.__name__ not in MADE}
        make_table(metadata, "everything", [*(item() for item in types.values()), sqlite.JSON()])
        sa.Table("parents", metadata, sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True)
        sa.Table(
            "children",
            metadata,
            sa.Column("id", sa.Integer, sa.ForeignKey("parents.id"), primary_key=True),
            sa.Column("n", sa.Integer, sa.CheckConstraint("n > 0"), server_default="1", unique=True, index=True),
            sqlite_strict=kind == "more",
        )
        engine = sa.create_engine("sqlite://")
        metadata.create_all(engine)
        with engine.connect() as connection:
            assert read_structure(connection).schema == snapshot(connection)
            schemas.append(snapshot(connection))
    assert compare(*schemas).items == ()
