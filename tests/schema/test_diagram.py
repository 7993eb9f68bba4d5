from __future__ import annotations

import re
from dataclasses import replace

import hypothesis
import pytest

from bot.schema.diagram import MAX_COLUMNS, MAX_TABLES, render_diagram
from bot.schema.diff import diff
from bot.schema.model import Column, ForeignKey, PrimaryKey, Schema, Table, Unique
from tests.schema.strategies import schemas

ID = Column("id", "bigint", nullable=False)
CUSTOMERS = Table("public", "customers", (ID, Column("email", "text")), PrimaryKey("pk", ("id",)))
ORDERS = Table(
    "public",
    "orders",
    (
        ID,
        Column("customer_id", "bigint", nullable=False),
        Column("note", "character varying(200)"),
        Column("gone", "numeric(10,2)"),
        Column("paid", "boolean"),
    ),
    PrimaryKey("pk", ("id",)),
    foreign_keys=(ForeignKey("fk", ("customer_id",), "public", "customers", ("id",)),),
)
AFAR = Table("public", "afar", (ID,))
BEFORE = Schema("postgresql", tables=(AFAR, CUSTOMERS, ORDERS))
AFTER = Schema(
    "postgresql",
    tables=(
        AFAR,
        CUSTOMERS,
        replace(
            ORDERS,
            columns=(
                *ORDERS.columns[:2],
                Column("note", "text"),
                Column("paid", "boolean", nullable=False),
                Column("code", "uuid"),
            ),
            uniques=(Unique("uq", ("code",)),),
        ),
        Table(
            "shop",
            "Refunds of 2026",
            (Column("order_id", "bigint"), Column("reason", "shop.why[]")),
            foreign_keys=(ForeignKey("fk", ("order_id",), "public", "orders", ("id",)),),
        ),
    ),
)
WANTED = """\
erDiagram
    t0_shop_Refunds_of_2026["shop.Refunds of 2026 (new)"] {
        bigint order_id FK
        shop_why[] reason
    }
    t1_orders["orders (changed)"] {
        bigint id PK
        bigint customer_id FK
        text note "was varchar(200)"
        boolean paid "now not null"
        uuid code UK "new"
        numeric(10_2) gone "dropped"
    }
    t2_customers["customers"]
    t2_customers ||--o{ t1_orders : "customer_id"
    t1_orders |o--o{ t0_shop_Refunds_of_2026 : "order_id"\
"""
# https://github.com/mermaid-js/mermaid: erDiagram.jison. Every line that we may write.
LINE = re.compile(
    r"""erDiagram | \ +%%\ \d+\ more\ touched\ tables\ are\ not\ drawn
      | \ {4}t\d+_\w*\["[^"\n<>`;\#&\\]+"\](\ \{)? | \ {4}\}
      | \ {8}[A-Za-z_À-ɏ][\w\[\]()]*\ [A-Za-z_À-ɏ][\w\[\]()]*(\ (PK|FK|UK)(,\ (PK|FK|UK))*)?(\ "[^"\n<>`;\#&\\]*")?
      | \ {4}t\d+_\w*\ (\|o|\|\|)--(o\||o\{)\ t\d+_\w*\ :\ "[^"\n<>`;\#&\\]*" """,
    re.VERBOSE,
)


def draw(before: Schema, after: Schema) -> str:
    return render_diagram(before, after, diff(before, after))


def test_touched_tables_and_their_neighbours_are_drawn() -> None:
    assert draw(BEFORE, AFTER) == WANTED


def test_a_dropped_table_is_marked() -> None:
    text = draw(AFTER, BEFORE)
    assert '["shop.Refunds of 2026 (dropped)"]' in text
    assert 'numeric(10_2) gone "new"' in text


def test_keys_between_tables_that_stay_are_marked() -> None:
    free = replace(BEFORE, tables=(AFAR, CUSTOMERS, replace(ORDERS, foreign_keys=())))
    assert '    t1_customers ||--o{ t0_orders : "customer_id (new)"' in draw(free, BEFORE)
    assert '    t1_customers ||--o{ t0_orders : "customer_id (dropped)"' in draw(BEFORE, free)


def test_a_neighbour_that_refers_to_a_touched_table_is_drawn() -> None:
    wider = replace(CUSTOMERS, columns=(*CUSTOMERS.columns, Column("phone", "text")))
    text = draw(BEFORE, replace(BEFORE, tables=(AFAR, wider, ORDERS)))
    assert '    t1_orders["orders"]\n' in text
    assert "afar" not in text


@pytest.mark.parametrize("before", [Schema("postgresql"), BEFORE], ids=["empty", "tables"])
def test_no_table_touched_no_diagram(before: Schema) -> None:
    assert draw(before, replace(before, schemas=("shop",))) == ""
    assert draw(before, before) == ""


def test_the_order_of_columns_alone_draws_nothing() -> None:
    turned = replace(CUSTOMERS, columns=CUSTOMERS.columns[::-1])
    assert draw(BEFORE, replace(BEFORE, tables=(AFAR, turned, ORDERS))) == ""


HOSTILE = [
    'x"] } A["y',
    "x\n```\n<script>alert(1)</script>",
    "a`b",
    "%%{init: {}}%%",
    "pk",
    "",
    "1st",
    "erDiagram",
    "→ “ß” 名前",
    "a;b#quot;",
    "click x href",
    "x" * 500,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_can_break_out(name: str) -> None:
    table = Table("public", name, (Column(name, name), Column("a", "text")), PrimaryKey("p", (name,)))
    key = ForeignKey("f", (name,), "public", name, (name,))
    text = draw(Schema("postgresql"), Schema("postgresql", tables=(replace(table, foreign_keys=(key,)),)))
    check_lines(text)
    assert max(map(len, text.splitlines())) < 300


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(schemas, schemas)
def test_every_line_is_one_that_mermaid_knows(before: Schema, after: Schema) -> None:
    check_lines(draw(before, after))


def check_lines(text: str) -> None:
    assert [line for line in text.split("\n") if text and not LINE.fullmatch(line)] == []


def test_the_size_is_bounded() -> None:
    columns = tuple(Column(f"c{number}", "text") for number in range(200))
    tables = tuple(Table("public", f"t{number:03}", columns) for number in range(90))
    lines = draw(Schema("postgresql"), Schema("postgresql", tables=tables)).splitlines()
    assert len(lines) == 2 + MAX_TABLES * (MAX_COLUMNS + 3)
    assert lines[1] == "    %% 70 more touched tables are not drawn"
    assert '        etc more_columns "175 more"' in lines


def test_of_a_wide_table_the_changed_columns_are_drawn() -> None:
    columns = tuple(Column(f"c{number:03}", "text") for number in range(200))
    old = Table("public", "t", columns)
    new = replace(old, columns=(*columns[:-1], Column("c199", "uuid")))
    text = draw(Schema("postgresql", tables=(old,)), Schema("postgresql", tables=(new,)))
    assert '        uuid c199 "was text"' in text
