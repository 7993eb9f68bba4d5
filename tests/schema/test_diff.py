from __future__ import annotations

from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import (
    Check,
    Column,
    Domain,
    Enum,
    ForeignKey,
    Index,
    IndexKey,
    Other,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    View,
)
from bot.schema.summary import DATABASE, describe, summarize
from tests.schema.laws import check_laws
from tests.schema.strategies import schemas

settings = hypothesis.settings(max_examples=60, deadline=None)


@settings
@hypothesis.given(schemas, schemas)
def test_the_laws_hold_for_any_two_schemas(before: Schema, after: Schema) -> None:
    check_laws(before, after)


@settings
@hypothesis.given(schemas, st.data())
def test_one_more_object_is_one_more_change(schema: Schema, data: st.DataObject) -> None:
    table = Table("other", "new", (Column("a", "integer"),))
    grown = replace(schema, tables=(*schema.tables, table))
    assert diff(schema, grown) == (Change("add", "table", "other", "new", None, table),)
    if schema.tables:
        gone = data.draw(st.sampled_from(schema.tables))
        less = replace(schema, tables=tuple(found for found in schema.tables if found is not gone))
        assert diff(schema, less) == (Change("drop", "table", gone.schema, gone.name, gone, None),)


@settings
@hypothesis.given(schemas, schemas)
def test_every_change_has_one_line_and_a_place(before: Schema, after: Schema) -> None:
    changes = diff(before, after)
    lines = [describe(change) for change in changes]
    assert all(line and "\n" not in line and len(line) <= 1000 for line in lines)
    summaries = summarize(changes)
    assert sum(len(summary.lines) for summary in summaries) >= len(changes)
    assert all("\n" not in line for summary in summaries for line in summary.lines)
    of_database = [change for change in changes if change.table is None and change.kind != "table"]
    headings = [summary.table for summary in summaries]
    assert len(headings) == len(set(headings))
    assert (headings[:1] == [DATABASE]) == bool(of_database)


FULL = Schema(
    "postgresql",
    schemas=("shop",),
    domains=(Domain("shop", "d", "text"),),
    enums=(Enum("shop", "e", ("a",)),),
    tables=(
        Table(
            "shop",
            "t",
            (Column("a", "integer"), Column("b", "shop.e")),
            PrimaryKey("pk", ("a",)),
            foreign_keys=(ForeignKey("fk", ("b",), "shop", "t", ("a",)),),
            checks=(Check("ck", "a > 0"),),
            indexes=(Index("ix", (IndexKey("b"),)),),
            triggers=(Trigger("tr", "…"),),
        ),
    ),
    views=(View("shop", "v", "…"),),
    others=(Other("shop", "c", "composite type", "…"), Other("shop", "p", "policy", "…", table="t")),
)
BARE = replace(FULL, enums=(), domains=(), views=(), others=(), tables=(Table("shop", "t", (Column("a", "integer"),)),))
PARTS = ["column b", "primary_key pk", "check ck", "foreign_key fk", "index ix", "view v", "trigger tr", "other p"]
TYPES = ["domain d", "enum e", "other c"]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (BARE, FULL, [*TYPES, *PARTS]),
        (FULL, BARE, [*reversed(PARTS), *reversed(TYPES)]),
        (Schema("postgresql"), FULL, ["schema shop", *TYPES, "table t", "view v", "other p"]),
        (FULL, Schema("postgresql"), ["other p", "view v", "table t", *reversed(TYPES), "schema shop"]),
    ],
    ids=["parts come", "parts go", "all comes", "all goes"],
)
def test_changes_stand_in_an_order_that_can_be_carried_out(before: Schema, after: Schema, wanted: list[str]) -> None:
    assert [f"{change.kind} {change.name}" for change in diff(before, after)] == wanted


def test_an_alteration_stands_between_what_goes_first_and_what_goes_last() -> None:
    old = Table("public", "t", (Column("a", "integer"), Column("b", "text")), checks=(Check("ck", "a > 0"),))
    new = Table("public", "t", (Column("a", "bigint"), Column("c", "text")), PrimaryKey("pk", ("a",)))
    changes = diff(Schema("postgresql", tables=(old,)), Schema("postgresql", tables=(new,)))
    assert [(change.action, change.name) for change in changes] == [
        ("drop", "ck"),
        ("alter", "a"),
        ("add", "c"),
        ("add", "pk"),
        ("drop", "b"),
    ]


def test_unnamed_constraints_are_told_apart_by_what_they_say() -> None:
    old = Table("main", "t", (), checks=(Check(None, "a > 0"), Check(None, "b > 0")))
    new = Table("main", "t", (), checks=(Check(None, "a > 0"), Check(None, "b > 1")))
    changes = diff(Schema("sqlite", tables=(old,)), Schema("sqlite", tables=(new,)))
    assert [(change.action, change.before or change.after) for change in changes] == [
        ("drop", Check(None, "b > 0")),
        ("add", Check(None, "b > 1")),
    ]


def test_only_the_order_of_columns_is_cosmetic() -> None:
    first, second = Column("a", "integer"), Column("b", "integer")
    one, other = (
        Schema("postgresql", tables=(Table("public", "t", columns),)) for columns in ((first, second), (second, first))
    )
    (change,) = diff(one, other)
    assert (change.kind, change.before, change.after) == ("column_order", ("a", "b"), ("b", "a"))
    assert material(diff(one, other)) == ()
    assert material(diff(one, Schema("postgresql"))) == diff(one, Schema("postgresql"))


def test_what_changes_otherwise_in_a_child_is_told() -> None:
    parent = Table("public", "p", (Column("a", "integer"), Column("b", "text")), partition="PARTITION BY LIST (a)")
    child = Table("public", "c", parent.columns, parents=(("public", "p"),))
    changed = (Column("a", "bigint"), Column("b", "text"), Column("n", "text"))
    before = Schema("postgresql", tables=(child, parent))
    alike = replace(before, tables=(replace(child, columns=changed), replace(parent, columns=changed)))
    assert {change.table for change in diff(before, alike)} == {"p"}
    own = (replace(changed[0], default="1"), *changed[1:])
    apart = replace(before, tables=(replace(child, columns=own), replace(parent, columns=changed)))
    assert ("c", "a") in {(change.table, change.name) for change in diff(before, apart)}
    alone = replace(before, tables=(replace(child, columns=changed), parent))
    assert {change.table for change in diff(before, alone)} == {"c"}
