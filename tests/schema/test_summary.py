from __future__ import annotations

from bot.schema.diff import diff
from bot.schema.model import (
    Check,
    Column,
    Enum,
    Exclusion,
    ForeignKey,
    Index,
    IndexKey,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
)
from bot.schema.summary import DATABASE, TableSummary, describe, summarize

STATUS = Enum("public", "order_status", ("pending", "shipped"))
ORDERS = Table(
    "public",
    "orders",
    (
        Column("id", "bigint", nullable=False, identity="always"),
        Column("status", "order_status", nullable=False, default="'pending'::order_status"),
        Column("note", "character varying(200)", comment="free\ntext"),
    ),
    PrimaryKey("orders_pkey", ("id",)),
    uniques=(Unique("uq", ("note",)),),
    foreign_keys=(ForeignKey("fk", ("id",), "shop", "carts", ("id",), on_delete="CASCADE"),),
    checks=(Check("ck", "note <> ''"),),
    exclusions=(Exclusion("ex", "EXCLUDE USING gist (id WITH =)"),),
    indexes=(Index("ix", (IndexKey("status"),), unique=True),),
    triggers=(Trigger("tr", "CREATE TRIGGER …"),),
    comment="What was bought",
)


def test_a_new_table_is_told_part_by_part_under_its_name() -> None:
    changes = diff(Schema("postgresql"), Schema("postgresql", enums=(STATUS,), tables=(ORDERS,)))
    assert summarize(changes) == (
        TableSummary(DATABASE, ("enum order_status added: ('pending', 'shipped')",)),
        TableSummary(
            "orders",
            (
                "table added, comment “What was bought”",
                "column id: bigint, not null, generated always as identity",
                "column status: order_status, not null, default 'pending'::order_status",
                "column note: varchar(200), comment “free text”",
                "primary key orders_pkey (id)",
                "unique uq (note)",
                "foreign key fk (id) → shop.carts(id) on delete cascade",
                "check ck (note <> '')",
                "exclusion ex USING gist (id WITH =)",
                "index ix unique (status)",
                "trigger tr",
            ),
        ),
    )


def test_changes_of_one_table_stand_together_and_do_not_repeat_its_name() -> None:
    before = Schema("postgresql", tables=(ORDERS, Table("shop", "carts", (Column("id", "bigint"),))))
    wider = (*ORDERS.columns[:2], Column("note", "text"), Column("total", "numeric"))
    after = Schema("postgresql", tables=(Table("public", "orders", wider), Table("shop", "carts", ())))
    assert summarize(diff(before, after)) == (
        TableSummary(
            "orders",
            (
                "trigger tr dropped",
                "index ix unique (status) dropped",
                "foreign key fk (id) → shop.carts(id) on delete cascade dropped",
                "exclusion ex USING gist (id WITH =) dropped",
                "check ck (note <> '') dropped",
                "unique uq (note) dropped",
                "primary key orders_pkey (id) dropped",
                "table: comment “What was bought” → none",
                "column note: type varchar(200) → text; comment “free text” → none",
                "column total added: numeric",
            ),
        ),
        TableSummary("shop.carts", ("column id dropped",)),
    )


def test_nothing_changed_nothing_said() -> None:
    assert summarize(()) == ()


def test_a_dropped_table_names_what_goes_with_it() -> None:
    (summary,) = summarize(diff(Schema("postgresql", tables=(ORDERS,)), Schema("postgresql")))
    assert summary.lines[:2] == (
        "table dropped, comment “What was bought”",
        "column id: bigint, not null, generated always as identity",
    )


def test_long_texts_are_cut_and_names_keep_to_one_line() -> None:
    old = Table("public", "a\nb", (Column("c\nd", "text", default="'" + "x" * 5000 + "'"),))
    new = Table("public", "a\nb", (Column("c\nd", "text", default="'" + "y" * 5000 + "'"),))
    (change,) = diff(Schema("postgresql", tables=(old,)), Schema("postgresql", tables=(new,)))
    line = describe(change)
    assert line.startswith("column a b.c d: default 'xxx")
    assert "…" in line
    assert len(line) < 400
