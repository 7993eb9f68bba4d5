"""The one open pull request of a branch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.github.client import GitHub
from bot.github.errors import Unprocessable
from tests.playground.git_client import Clone
from tests.playground.world import REPO, World


def list_events(world: World) -> list[str]:
    world.wait()
    return [event for event in world.listener.list_events() if event.startswith("pull_request")]


def test_nothing_is_told_when_nothing_changes(world: World, github: GitHub, branch: str) -> None:
    made = github.ensure_pull_request(REPO, branch, "main", "T", "one\ntwo", False)
    world.playground.edit_issue(REPO, made.number, "will", body="one\r\ntwo")
    before = list_events(world)
    again = github.ensure_pull_request(REPO, branch, "main", " T ", "one\ntwo", False)
    assert list_events(world) == before
    assert again.body == "one\ntwo"


def test_closed_one_is_left_and_a_new_one_opened(world: World, github: GitHub, branch: str) -> None:
    first = github.ensure_pull_request(REPO, branch, "main", "T", "B", False)
    world.playground.set_state(REPO, first.number, "will", "closed")
    assert github.find_pull_request(REPO, branch) is None
    second = github.ensure_pull_request(REPO, branch, "main", "T", "B", False)
    assert second.number > first.number


def test_merged_one_says_so(world: World, github: GitHub, branch: str) -> None:
    made = github.ensure_pull_request(REPO, branch, "main", "T", "B", False)
    world.playground.merge_pull_request(REPO, made.number, "will")
    assert github.find_pull_request(REPO, branch) is None


def test_another_base(world: World, github: GitHub, branch: str, make_clone: Callable[..., Clone]) -> None:
    make_clone("olivia").push("main:release")
    made = github.ensure_pull_request(REPO, branch, "main", "T", "B", False)
    moved = github.ensure_pull_request(REPO, branch, "release", "T", "B", False)
    assert (moved.number, moved.base) == (made.number, "release")


def test_without_drafts_an_ordinary_one(
    world: World, github: GitHub, tmp_path: Path, make_clone: Callable[..., Clone]
) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("a")
    world.playground.create_repository("acme/free", str(tmp_path / "source"), private=True, has_drafts=False)
    copy = make_clone(name="acme/free")
    copy.commit("topic", {"b": "b"})
    copy.push("topic")
    for _ in range(2):
        assert github.ensure_pull_request("acme/free", "topic", "main", "T", "B", True).draft is False


def test_no_commits_between(github: GitHub) -> None:
    with pytest.raises(Unprocessable, match="No commits between main and main"):
        github.ensure_pull_request(REPO, "main", "main", "T", "B", False)


def test_too_long_a_body_and_title(github: GitHub, branch: str) -> None:
    body = "- [ ] box\n" * 10_000
    made = github.ensure_pull_request(REPO, branch, "main", "T" * 400, body, True)
    again = github.ensure_pull_request(REPO, branch, "main", "T" * 400, body, True)
    assert made == again and len(made.body) <= 65_536 and "Cut here" in made.body and len(made.title) == 256
