"""The bot's one issue of a kind: made, brought up to date, closed, opened again, and left alone."""

from __future__ import annotations

from bot.github.client import GitHub
from tests.playground.world import REPO, World


def test_one_issue_that_follows_what_it_tells(github: GitHub) -> None:
    assert github.ensure_issue(REPO, "way", "Way", "None.", "closed").issue is None
    made = github.ensure_issue(REPO, "way", "Way", "One.", "open")
    assert made.is_new and made.issue is not None
    number = made.issue.number
    for body, state in (("Two.", "open"), ("None.", "closed"), ("Three.", "open")):
        ensured = github.ensure_issue(REPO, "way", "Way", body, state)  # type: ignore[arg-type]
        assert ensured.is_new and ensured.issue is not None
        assert (ensured.issue.number, ensured.issue.state) == (number, state)
        assert ensured.issue.body.startswith(body)


def test_what_tells_the_same_is_left_alone(world: World, github: GitHub) -> None:
    made = github.ensure_issue(REPO, "same", "Same", "One.", "open").issue
    assert made is not None
    body = "A note of mine\n\n" + made.body
    world.playground.edit_issue(REPO, made.number, "will", body=body)
    world.playground.set_state(REPO, made.number, "will", "closed")
    again = github.ensure_issue(REPO, "same", "Same", "One.", "open")
    assert not again.is_new and again.issue is not None
    assert (again.issue.body, again.issue.state) == (body, "closed")
    assert github.ensure_issue(REPO, "same", "Same", "Two.", "open").is_new


def test_a_strangers_marker_is_not_ours(world: World, github: GitHub) -> None:
    made = github.ensure_issue(REPO, "mine", "Mine", "One.", "open").issue
    assert made is not None
    theirs = world.playground.open_issue(REPO, "will", "Theirs", made.body.replace("One.", "Other."))
    github.ensure_issue(REPO, "mine", "Mine", "Two.", "open")
    assert world.playground.get_issue(REPO, theirs["number"])["title"] == "Theirs"
    assert world.playground.get_issue(REPO, made.number)["body"].startswith("Two.")
