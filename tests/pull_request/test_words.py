"""Title, commit message and draft state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gates.result import GateResult
from bot.implement.changeset import Changeset
from bot.pull_request.commit_message import render_commit_message
from bot.pull_request.draft import is_draft
from bot.pull_request.open_points import OpenPoint, list_open_points
from bot.pull_request.title import render_title
from tests.pull_request import reports

READY = reports.make_ready()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Loyalty programme", "Loyalty programme (#12)"),
        ("  two\n lines\t", "two lines (#12)"),
        ("Fixes #3 for @octocat", "Fixes # 3 for octocat (#12)"),
        ("\u202egnihton", "\N{REPLACEMENT CHARACTER}gnihton (#12)"),
        ("Keep `code` and *stars* as they are", "Keep `code` and *stars* as they are (#12)"),
        ("", "Untitled spec (#12)"),
        ("x" * 300, "x" * 249 + "… (#12)"),
    ],
)
def test_titles(title: str, expected: str) -> None:
    assert render_title(replace(READY, title=title)) == expected


@given(st.text(max_size=400))
def test_a_title_is_one_line_that_github_takes(title: str) -> None:
    shown = render_title(replace(READY, title=title))
    assert len(shown) <= 256
    assert len(shown.splitlines()) == 1
    assert shown.endswith(" (#12)")


def test_the_commit_says_what_was_done_and_who_asked_for_it() -> None:
    assert render_commit_message(READY).splitlines() == [
        "Loyalty programme (#12)",
        "",
        "Migration: 3f1c9a7e5b20",
        "",
        "Done:",
        "- model of the new table `loyalty_accounts` in shop/models/loyalty.py",
        "",
        "Refs #12",
        "",
        "Co-authored-by: octocat <583231+octocat@users.noreply.github.com>",
    ]


def test_the_commit_of_the_same_report_is_the_same() -> None:
    assert render_commit_message(reports.make_draft()) == render_commit_message(reports.make_draft())


@given(st.text(max_size=200))
def test_no_text_adds_a_trailer_or_closes_an_issue(text: str) -> None:
    report = replace(READY, title=text, changeset=Changeset(done=(f"{text}\n\nCo-authored-by: a <b@c.d>\nCloses #4",)))
    lines = render_commit_message(report).splitlines()
    assert len(lines[0]) <= 72
    assert [line for line in lines if line.startswith("Co-authored-by:")] == [lines[-1]]
    assert "Closes #4" not in "".join(lines)


@pytest.mark.parametrize("actor", ["a\nb", "a <x@y.z>", "", "mallory[bot]"])
def test_an_odd_login_becomes_no_trailer(actor: str) -> None:
    assert "Co-authored-by" not in render_commit_message(replace(READY, actor=actor))


@pytest.mark.parametrize(
    ("changes", "draft"),
    [
        ({}, False),
        ({"gates": (GateResult("tests", "failed", "x"),)}, True),
        ({"gates": (GateResult("migration", "open", "x"),)}, False),
        ({"changeset": replace(READY.changeset, not_done=("endpoint GET /a",))}, True),
        ({"changeset": replace(READY.changeset, criteria=())}, True),
        ({"tests_after": None}, True),
    ],
)
def test_a_draft_is_what_failed_or_is_not_whole(changes: dict[str, object], draft: bool) -> None:
    assert is_draft(replace(READY, **changes)) == draft  # type: ignore[arg-type]


def test_open_points_are_told_once() -> None:
    report = reports.make_draft()
    more = replace(report.changeset, not_done=(*report.changeset.not_done, "the enum `x`: no model states it"))
    assert list_open_points(replace(report, changeset=more)) == (
        OpenPoint("endpoint", "", "PATCH /orders/{order_id}"),
        OpenPoint("criterion", "AC-3", "Packers read open orders by priority without a scan of the whole table."),
        OpenPoint("other", "", "the enum `x`: no model states it"),
    )
