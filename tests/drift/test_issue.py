"""The issue *Schema drift* as people read it, and that it reads the same as long as the same is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.drift.history import HistoryItem
from bot.drift.issue import render_issue
from bot.drift.item import Comparison, Ignored
from bot.drift.live import Environment, Failure
from bot.drift.report import Report
from bot.drift.revisions import Position
from bot.drift.since import carry_on, list_keys
from bot.drift.touched import describe_touching, find_touching
from bot.migration.revision_source import read_revision_source
from bot.words.loader import render
from tests.drift.databases import compare, execute, look
from tests.words.golden import check_golden
from tests.words.rendered import list_kinds, list_linkable

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "</details> @everyone ``` #1 | <!-- x --> [a](http://b) $x$ *y*"
MIGRATED = """
CREATE TABLE shops (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, shop_id integer REFERENCES shops, total numeric(10, 2) NOT NULL);
CREATE INDEX ix_orders_total ON orders (total);
"""
DRIFTED = """
DROP INDEX ix_orders_total;
ALTER TABLE orders ALTER COLUMN total DROP NOT NULL, ADD COLUMN note text;
CREATE TABLE scratch (id integer);
"""
REVISION = 'revision = "a1"\ndown_revision = None\nop.create_table("orders", sa.Column("total"))\n# ix_orders_total\n'
POSITION = Position(("a1",), (), (), frozenset({"a1"}), ("a1",))


@pytest.fixture
def comparison(fresh_database: Callable[[], sa.Engine]) -> Comparison:
    engine = fresh_database()
    execute(engine, MIGRATED)
    expected = look(engine)
    execute(engine, DRIFTED)
    return compare(expected, look(engine))


def make_report(*environments: Environment, history: tuple[HistoryItem, ...] = ()) -> Report:
    models = Comparison("the models", "the migrations")
    report = Report("c" * 40, (models,), environments, history)
    sources = [read_revision_source("migrations/versions/a1.py", REVISION)]
    touching = find_touching(report, sources)
    return replace(
        report, touched=describe_touching(report, touching, {sources[0].path: "1234567 by Ada on 2026-01-02"})
    )


def date_all(report: Report) -> dict[str, str]:
    return carry_on({}, report, "2026-03-04T05:06:07+00:00")


def test_drift(comparison: Comparison) -> None:
    items = tuple(
        replace(item, ignored=Ignored("kept by hand", date(2026, 12, 31))) if item.change.name == "scratch" else item
        for item in comparison.items
    )
    production = Environment("production", None, replace(comparison, items=items), POSITION)
    staging = Environment("staging", Failure("unreachable", "no server answers"))
    heads = HistoryItem("heads", "correctness", "a1", "the history has 2 heads: a1, b1", "alembic merge heads")
    report = make_report(production, staging, history=(heads,))
    told = render_issue(report, "staging: no server answers", date_all(report))
    assert told.state == "open"
    check_golden(GOLDEN / "issue.md", told.body)
    assert told == render_issue(replace(report, commit="d" * 40), "staging: no server answers", date_all(report))


def test_no_drift() -> None:
    told = render_issue(make_report(), None, {})
    assert told.state == "closed"
    check_golden(GOLDEN / "none.md", told.body)


def test_nothing_could_be_checked() -> None:
    told = render_issue(None, "the repository has no alembic.ini", {})
    assert told.state == "open"
    check_golden(GOLDEN / "failed.md", told.body)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("drift", {"counts": (("data", 2), ("cosmetic", 1)), "failure": "", "issue_url": "https://github.com/a/b/1"}),
        ("none", {"counts": (), "failure": "", "issue_url": ""}),
        ("failed", {"counts": (), "failure": "production: no server answers", "issue_url": ""}),
    ],
)
def test_check_run(name: str, values: dict[str, object]) -> None:
    check_golden(GOLDEN / f"check_{name}.md", render("drift/check.md", commit="", **values))


def test_a_large_report_fits(comparison: Comparison) -> None:
    many = replace(comparison, items=comparison.items * 400)
    told = render_issue(make_report(Environment("production", None, many, POSITION)), None, {})
    assert len(told.body) < 65_000
    assert "more differences: `specwright drift` shows all of them" in told.body


def test_hostile_names_leave_the_structure_alone(comparison: Comparison) -> None:
    items = tuple(replace(i, title=HOSTILE, expected=HOSTILE, actual=HOSTILE) for i in comparison.items)
    both = [
        make_report(Environment("production", None, replace(comparison, items=found), POSITION))
        for found in (comparison.items, items)
    ]
    tame, wild = (render_issue(report, None, {}).body for report in both)
    assert list_kinds(wild) - list_kinds(tame) <= {"<span>", "</span>", "<code>", "</code>", "code_inline"}
    assert not any(word in text for text in list_linkable(wild) for word in ("@everyone", "#1", "http://"))


def test_since_when(comparison: Comparison) -> None:
    report = make_report(Environment("production", None, comparison, POSITION))
    first = carry_on({}, report, "2026-01-01")
    assert set(first) == set(list_keys(report))
    assert len(first) == len(comparison.items) > 3
    fewer = make_report(Environment("production", None, replace(comparison, items=comparison.items[1:]), POSITION))
    second = carry_on(first, fewer, "2026-01-02")
    assert set(second.values()) == {"2026-01-01"}
    silent = make_report(Environment("production", Failure("unreachable", "no server answers")))
    assert carry_on(second, silent, "2026-01-03") == second
    assert sorted(set(carry_on(second, report, "2026-01-04").values())) == ["2026-01-01", "2026-01-04"]
