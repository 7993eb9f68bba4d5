"""Slash-commands through real webhooks: who may, what is answered, what is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from pkgutil import iter_modules

import pytest
import redis

import handlers.commands
from handlers.command_registry import get_commands
from tests.handlers.steering import (
    ADMIN,
    BOT,
    OWNER,
    READER,
    STRANGER,
    WRITER,
    Steering,
    create_repository,
    open_steering,
)

Open = Callable[..., Steering]
LINES = (Path(__file__).parents[2] / "docs" / "commands.md").read_text().splitlines()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Steering]:
    redis.Redis.from_url(redis_url).flushall()
    with open_steering(tmp_path_factory.mktemp("steering"), redis_url) as opened:
        yield opened


@pytest.fixture
def open_repository(running: Steering, tmp_path: Path) -> Open:
    """A repository of the test's own."""

    def make(config: str = "", *, private: bool = False) -> Steering:
        create_repository(running, tmp_path / "source", f"shop-{uuid.uuid4().hex[:8]}", config, private=private)
        return running

    return make


def test_every_file_is_the_command_of_its_name() -> None:
    names = {module.name.rstrip("_").replace("_", "-") for module in iter_modules(handlers.commands.__path__)}
    assert names == set(get_commands())


def test_the_docs_list_every_command() -> None:
    for item in get_commands().values():
        places = ", ".join(sorted(item.places))
        assert f"| `{item.usage}` | {item.help} | {places} | {item.permission} |" in LINES


def test_help_lists_every_command(open_repository: Open) -> None:
    steering = open_repository()
    asked = steering.comment(steering.open_issue(), "/help")
    assert all(f"/{name}" in asked.answer for name in get_commands())
    assert asked.reactions == ["eyes", "rocket"]
    (decision,) = steering.list_decisions()
    assert (decision.actor, decision.command, decision.allowed, decision.reason, decision.outcome) == (
        WRITER,
        "help",
        True,
        "has the permission write",
        "done",
    )


@pytest.mark.parametrize("body", ["Thanks!", "> /help", "`/help`", "/lgtm", "/usr/bin/env"])
def test_what_is_no_command_is_left_alone(open_repository: Open, body: str) -> None:
    steering = open_repository()
    found = steering.comment(steering.open_issue(), body)
    assert (found.answers, found.reactions, steering.list_decisions()) == ([], [], [])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("/hlep", "Did you mean `/help`?"),
        ("/specwright frobnicate", "There is no command `/frobnicate`. `/help` lists all."),
        ("/help me", "**Usage:** `/help`"),
    ],
)
def test_what_cannot_be_done_is_explained(open_repository: Open, body: str, words: str) -> None:
    steering = open_repository()
    found = steering.comment(steering.open_issue(), body)
    assert words in found.answer
    assert found.reactions == ["eyes", "confused"]


def test_several_commands_are_answered_in_their_order(open_repository: Open) -> None:
    steering = open_repository()
    found = steering.comment(steering.open_issue(), "/hlep\n/help")
    assert ["Did you mean" in found.answers[0], "What it does" in found.answers[1]] == [True, True]
    assert found.reactions == ["eyes", "confused"]
    assert [item.outcome for item in steering.list_decisions()] == ["unknown command", "done"]


def test_strangers_on_a_public_repository_hear_nothing(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    for login in (STRANGER, READER):
        found = steering.comment(issue, "/help\n/hlep", by=login)
        assert (found.answers, found.reactions) == ([], [])
    refused = steering.list_decisions()
    assert [(item.actor, item.command, item.allowed) for item in refused] == [
        (login, name, False) for login in (STRANGER, READER) for name in ("help", "hlep")
    ]
    assert {item.reason for item in refused} == {"needs the permission write in this repository"}


def test_members_without_the_permission_are_told_once(open_repository: Open) -> None:
    steering = open_repository(private=True)
    issue = steering.open_issue()
    first = steering.comment(issue, "/help", by=READER)
    assert "`rita` may not use `/help` here: it needs the permission write" in first.answer
    again = steering.comment(issue, "/help", by=READER)
    assert (again.answers, first.reactions, again.reactions) == ([], [], [])


OVERRIDES = "commands:\n  help: {permission: admin, teams: [dba], users: [Rita]}\n"


@pytest.mark.parametrize(
    ("login", "reason"),
    [
        (ADMIN, "has the permission admin"),
        (READER, "is named in the config"),
        ("tess", "is in the team dba"),
        (WRITER, None),
        ("pending", None),
    ],
)
def test_the_config_says_who_may(open_repository: Open, login: str, reason: str | None) -> None:
    steering = open_repository(OVERRIDES)
    steering.playground.ensure_team_member(OWNER, "dba", "tess")
    steering.playground.ensure_team_member(OWNER, "dba", "pending", "pending")
    found = steering.comment(steering.open_issue(), "/help", by=login)
    (decision,) = steering.list_decisions()
    assert decision.allowed == bool(reason) == ("rocket" in found.reactions)
    needed = "needs the permission admin in this repository, or to be in the team dba, or to be named in the config"
    assert decision.reason == (reason or needed)


def test_a_writer_whom_the_config_refuses_is_told(open_repository: Open) -> None:
    steering = open_repository(OVERRIDES)
    found = steering.comment(steering.open_issue(), "/help", by=WRITER)
    assert "to be in the team dba" in found.answer


@pytest.mark.parametrize("config", ["commands: [", "commands: {help: {}}", "commands: {help: {permission: owner}}"])
def test_a_config_that_cannot_be_read_leaves_the_administrators(open_repository: Open, config: str) -> None:
    steering = open_repository(config)
    issue = steering.open_issue()
    assert "needs the permission admin" in steering.comment(issue, "/help").answer
    assert steering.comment(issue, "/help", by=ADMIN).reactions == ["eyes", "rocket"]


def test_who_lost_the_permission_is_refused_at_once(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    assert steering.comment(issue, "/help").reactions == ["eyes", "rocket"]
    steering.playground.set_permission(steering.repository, WRITER, "read")
    assert steering.comment(issue, "/help").reactions == []


def test_what_the_bot_writes_is_no_command(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    github = steering.parts.open_github(1)
    github.ensure_comment(steering.repository, issue, "x", "/help")
    steering.handle()
    assert steering.list_decisions() == []
    assert [item["user"]["login"] for item in steering.playground.list_comments(steering.repository, issue)] == [BOT]


def test_an_edit_is_not_run(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    made = steering.comment(issue, "Thanks")
    token = steering.playground.create_account(WRITER)["token"]
    import httpx

    url = f"{steering.playground.site.api_url}/repos/{steering.repository}/issues/comments/{made.id}"
    httpx.patch(url, json={"body": "/help"}, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    steering.handle()
    assert steering.list_decisions() == []


def test_a_redelivery_does_nothing_twice(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    steering.comment(issue, "/help")
    newest = steering.playground.list_deliveries()[0]
    assert steering.playground.list_deliveries()[1]["event"] == "issue_comment" or newest["event"] == "issue_comment"
    for delivery in steering.playground.list_deliveries()[:3]:
        steering.playground.redeliver(delivery["id"])
    steering.handle()
    assert len(steering.list_decisions()) == 1
    assert len(steering.playground.list_comments(steering.repository, issue)) == 2


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "reactions"), ("POST", "/comments"), ("GET", "permission"), ("GET", "contents")]
)
def test_a_github_in_trouble_is_asked_again(open_repository: Open, method: str, path: str) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    steering.playground.add_fault("status", times=4, method=method, path=path, status=502)
    found = steering.comment(issue, "/help")
    steering.playground.clear_faults()
    steering.handle()
    assert len(steering.list_decisions()) == 1
    assert steering.list_reactions(found.id)[-1] == "rocket"
    assert len(steering.playground.list_comments(steering.repository, issue)) == 2


def test_a_locked_issue_takes_no_reactions(open_repository: Open) -> None:
    steering = open_repository()
    issue = steering.open_issue()
    steering.playground.set_locked(steering.repository, issue, ADMIN, True)
    found = steering.comment(issue, "/help")
    assert found.reactions == []
    assert "What it does" in found.answer


def test_a_dry_run_answers_nothing(open_repository: Open) -> None:
    steering = open_repository("dry_run: true\n")
    found = steering.comment(steering.open_issue(), "/help")
    assert (found.answers, found.reactions) == ([], [])
    assert [item.outcome for item in steering.list_decisions()] == ["done"]
