"""The bot's comment is found among many, and only its own is its own."""

from __future__ import annotations

import pytest

from bot.github.client import GitHub
from bot.github.comments import render_marker
from bot.playground.tables import Comment
from tests.playground.world import REPO, World


def test_a_strangers_marker_is_not_ours(world: World, github: GitHub, issue: int) -> None:
    """Somebody pastes our hidden line: his comment is left alone, we make ours."""
    theirs = world.playground.add_comment(REPO, issue, "stan", f"Mine now\n\n{render_marker('status')}")
    ours = github.ensure_comment(REPO, issue, "status", "Working")
    github.ensure_comment(REPO, issue, "status", "Done")
    bodies = {comment["id"]: comment["body"] for comment in world.playground.list_comments(REPO, issue)}
    assert bodies[theirs["id"]] == f"Mine now\n\n{render_marker('status')}"
    assert bodies[ours.id].startswith("Done") and len(bodies) == 2


def test_a_marker_that_we_quote_is_no_marker(world: World, github: GitHub, issue: int) -> None:
    """The bot quotes an issue that holds the marker of another of its comments."""
    quoting = github.ensure_comment(REPO, issue, "questions", f"You wrote:\n\n> {render_marker('status')}\n\nWhy?")
    status = github.ensure_comment(REPO, issue, "status", "Working")
    assert status.id != quoting.id
    assert len(world.playground.list_comments(REPO, issue)) == 2


def test_found_behind_a_hundred_others(world: World, github: GitHub, issue: int) -> None:
    add_comments(world, issue, 103)
    first = github.ensure_comment(REPO, issue, "status", "Working")
    add_comments(world, issue, 100)
    assert github.ensure_comment(REPO, issue, "status", "Done").id == first.id
    assert len(world.playground.list_comments(REPO, issue)) == 204


def add_comments(world: World, issue: int, count: int) -> None:
    """Many at once, without telling anybody."""
    with world.playground.site.open() as work:
        repository, rita = work.find_repository(*REPO.split("/")), work.find_account("rita")
        assert repository is not None
        row, now = work.find_issue(repository, issue), work.now()
        work.add(*(Comment(issue=row, author=rita, body="x", created_at=now, updated_at=now) for _ in range(count)))


def test_same_text_is_not_written_again(world: World, github: GitHub, issue: int) -> None:
    """Also when a browser gave it other line ends: nobody is told of an edit that is none."""
    ours = github.ensure_comment(REPO, issue, "status", "one\ntwo")
    body = f"one\r\ntwo\r\n\r\n{render_marker('status')}"
    path = f"/repos/{REPO}/issues/comments/{ours.id}"
    world.call("PATCH", path, world.get_login_token("olivia"), json={"body": body})
    github.ensure_comment(REPO, issue, "status", "one\ntwo")
    assert world.playground.list_comments(REPO, issue)[0]["body"] == body
    world.wait()
    edits = [event for event in world.listener.list_events() if event == "issue_comment.edited"]
    github.ensure_comment(REPO, issue, "status", "one\ntwo")
    world.wait()
    assert [event for event in world.listener.list_events() if event == "issue_comment.edited"] == edits


@pytest.mark.parametrize("size", [65_000, 65_536, 100_000])
def test_a_text_that_is_too_long_is_cut_and_found_again(world: World, github: GitHub, issue: int, size: int) -> None:
    body = "```\n" + "line\n" * (size // 5)
    first = github.ensure_comment(REPO, issue, "report", body)
    assert github.ensure_comment(REPO, issue, "report", body).id == first.id
    (comment,) = world.playground.list_comments(REPO, issue)
    assert len(comment["body"]) <= 65_536
    assert comment["body"].endswith(render_marker("report"))
    assert ("Cut here" in comment["body"]) == (size > 65_400)
