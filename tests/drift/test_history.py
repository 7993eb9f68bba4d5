"""Where a database stands, what is wrong with the history, and what is ignored of it."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from bot.config import ConfigError, DriftKind, IgnoreConfig, parse_repository_config
from bot.drift.compare import compare_schemas
from bot.drift.history import HistoryItem, HistoryKind, check_position
from bot.drift.ignoring import ignore_history, ignore_items
from bot.drift.revisions import Elsewhere, find_position
from bot.migration.alembic_runner import History, Revision
from bot.schema.change import Kind
from bot.schema.model import Column, Index, IndexKey, Schema, Table

LINE = History((Revision("c", ("b",)), Revision("b", ("a",)), Revision("a", ())), ("c",))
FORK = History((Revision("d", ("b", "c")), Revision("c", ("a",)), Revision("b", ("a",)), Revision("a", ())), ("d",))
FOUND = {"x": Elsewhere("x", ("b",), "x.py in commit 1"), "y": Elsewhere("y", ("x",), "y.py in commit 2")}
TODAY = date(2026, 5, 5)


@pytest.mark.parametrize(
    ("history", "current", "state", "behind", "ahead", "compared_at"),
    [
        (LINE, ["c"], "level", (), (), ("c",)),
        (LINE, ["b"], "behind", ("c",), (), ("b",)),
        (LINE, [], "behind", ("a", "b", "c"), (), ()),
        (LINE, ["y"], "diverged", ("c",), ("y", "x"), ("b",)),
        (LINE, ["c", "x"], "ahead", (), ("x",), ("c",)),
        (LINE, ["nowhere"], "ahead", (), ("nowhere",), None),
        (FORK, ["d"], "level", (), (), ("d",)),
        (FORK, ["b", "c"], "behind", ("d",), (), ("b", "c")),
        (FORK, ["c"], "behind", ("b", "d"), (), ("c",)),
    ],
)
def test_positions(
    history: History,
    current: list[str],
    state: str,
    behind: tuple[str, ...],
    ahead: tuple[str, ...],
    compared_at: tuple[str, ...] | None,
) -> None:
    position = find_position(current, history, FOUND)
    assert (position.state, position.behind, position.compared_at) == (state, behind, compared_at)
    assert set(position.ahead) == set(ahead)


def test_a_position_is_told_by_the_names_of_revisions() -> None:
    items = check_position("production", find_position(["y"], LINE, FOUND), FOUND)
    assert [(item.kind, item.name) for item in items] == [
        ("orphaned", "y"),
        ("orphaned", "x"),
        ("behind", "production"),
    ]


def test_every_kind_can_be_ignored() -> None:
    assert set(get_args(DriftKind)) == {*get_args(Kind), *get_args(HistoryKind)} - {"column_order"}


@pytest.mark.parametrize(
    "text",
    [
        "{objects: [], reason: x}",
        "{objects: [a]}",
        "{objects: [a], reason: ''}",
        "{objects: [a], reason: x, kinds: [idx]}",
    ],
)
def test_a_rule_says_what_and_why(text: str) -> None:
    with pytest.raises(ConfigError, match=r"drift\.ignore"):
        parse_repository_config(f"drift: {{ignore: [{text}]}}")


@pytest.mark.parametrize(
    ("objects", "kinds", "until", "ignored"),
    [
        ("ix_note", (), None, {"ix_note"}),
        ("orders.ix_*", (), None, {"ix_note"}),
        ("orders.*", ("column",), None, {"note"}),
        ("note", (), None, set()),  # a column is named with its table
        ("audit.events", (), None, {"events"}),
        ("*", (), TODAY, {"note", "ix_note", "events"}),
        ("*", (), date(2026, 5, 4), set()),
        ("*", ("view",), None, set()),
    ],
)
def test_what_a_rule_speaks_of(
    objects: str, kinds: tuple[DriftKind, ...], until: date | None, ignored: set[str]
) -> None:
    note, index = Column("note", "text"), Index("ix_note", (IndexKey("id"),), definition="CREATE INDEX …")
    orders = Table("public", "orders", (Column("id", "integer"),))
    more = Table("public", "orders", (*orders.columns, note), indexes=(index,))
    schemas = Schema("postgresql", tables=(orders,)), Schema("postgresql", tables=(Table("audit", "events", ()), more))
    comparison = compare_schemas(*schemas, expected_name="one", actual_name="other")
    rule = IgnoreConfig(objects=(objects,), kinds=kinds, reason="meant", until=until)
    items = ignore_items(comparison, [rule], TODAY).items
    assert {item.change.name for item in items if item.ignored is not None} == ignored
    assert len(items) == 3


def test_history_is_ignored_by_revision() -> None:
    item = HistoryItem("no_downgrade", "correctness", "aaaa", "title", "remedy")
    rule = IgnoreConfig(objects=("aaaa",), kinds=("no_downgrade",), reason="first one")
    (marked,) = ignore_history([item], [rule], TODAY)
    assert marked.ignored is not None
    assert ignore_history([item], [rule.model_copy(update={"kinds": ("heads",)})], TODAY) == (item,)
