"""Lost answers, servers in trouble, rate limits, tokens that end: what the bot bears, what it says when it cannot."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.github.auth import InstallationToken, TokenCache
from bot.github.client import GitHub, GitHubApp
from bot.github.connection import Patience
from bot.github.errors import (
    Forbidden,
    GitHubError,
    NotFound,
    RateLimited,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Unprocessable,
)
from handlers.cli.local.keys import write_key_pair
from tests.playground.world import REPO, Listener, World, open_world

Verb = Callable[[GitHub, int, str], object]
VERBS: dict[str, Verb] = {
    "reaction": lambda github, issue, branch: github.ensure_reaction(REPO, issue, "rocket"),
    "comment": lambda github, issue, branch: github.ensure_comment(REPO, issue, "status", "Working"),
    "pull request": lambda github, issue, branch: github.ensure_pull_request(REPO, branch, "main", "T", "B", True),
    "check run": lambda github, issue, branch: github.ensure_check_run(
        REPO, str(github.find_branch(REPO, branch)), "C", "e", "success", "t", "s"
    ),
    "no branch": lambda github, issue, branch: github.delete_branch(REPO, branch),
    "repository": lambda github, issue, branch: github.get_repository(REPO),
}


def count(world: World, issue: int, branch: str) -> tuple[int, ...]:
    """How many of each there are."""
    pulls = [pull for pull in world.playground.list_pull_requests(REPO) if pull["head"]["ref"] == branch]
    found = world.playground.get_issue(REPO, issue)
    runs = world.playground.list_check_runs(REPO, branch)
    return found["reactions"]["total_count"], found["comments"], len(pulls), len(runs)


@pytest.mark.parametrize("name", VERBS)
@pytest.mark.parametrize("fault", ["lost_answer", "server_error"])
def test_verb_is_done_once_whatever_is_lost(
    world: World, github: GitHub, issue: int, branch: str, name: str, fault: Any
) -> None:
    """The first three answers are lost, whichever they are: then the verb is done, and once."""
    sha = github.find_branch(REPO, branch)
    github.app.login  # noqa: B018 (asked once)
    world.playground.add_fault(fault, times=3)
    VERBS[name](github, issue, branch)
    expected = {
        "reaction": (1, 0, 0, 0),
        "comment": (0, 1, 0, 0),
        "pull request": (0, 0, 1, 0),
        "check run": (0, 0, 0, 1),
    }
    assert count(world, issue, branch) == expected.get(name, (0, 0, 0, 0))
    assert github.find_branch(REPO, branch) == (None if name == "no branch" else sha)


@pytest.mark.parametrize("name", ["comment", "pull request", "check run"])
def test_lost_answer_of_the_effect_itself(world: World, github: GitHub, issue: int, branch: str, name: str) -> None:
    """GitHub did it and the answer never came: it is found, not made again."""
    for _ in range(2):
        world.playground.add_fault("lost_answer", method="POST", path=f"/repos/{REPO}/")
        VERBS[name](github, issue, branch)
    assert max(count(world, issue, branch)) == 1


def test_lost_answer_of_the_draft_state(world: World, github: GitHub, branch: str) -> None:
    github.ensure_pull_request(REPO, branch, "main", "T", "B", True)
    world.playground.add_fault("lost_answer", path="/api/graphql")
    assert github.ensure_pull_request(REPO, branch, "main", "T", "B", False).draft is False


def test_gives_up_after_some_attempts(world: World, github: GitHub) -> None:
    world.playground.add_fault("server_error", times=99, status=502)
    with pytest.raises(Unavailable, match=f"GET /api/v3/repos/{REPO}: 502") as caught:
        github.get_repository(REPO)
    assert caught.value.status == 502


@pytest.mark.parametrize("kind", ["primary_rate_limit", "secondary_rate_limit"])
@pytest.mark.parametrize("status", [403, 429])
def test_rate_limit_is_waited_out(world: World, github: GitHub, issue: int, kind: Any, status: int) -> None:
    world.playground.add_fault(kind, times=2, status=status, seconds=0)
    github.ensure_comment(REPO, issue, "status", "Working")
    assert len(world.playground.list_comments(REPO, issue)) == 1


@pytest.mark.parametrize("kind", ["primary_rate_limit", "secondary_rate_limit"])
def test_too_long_a_wait_is_an_error(world: World, github: GitHub, kind: Any) -> None:
    world.playground.add_fault(kind, seconds=3600)
    with pytest.raises(RateLimited, match=r"rate limit reached for 3[56]"):
        github.get_repository(REPO)


def test_rate_limit_while_a_token_is_asked_for(world: World) -> None:
    app = GitHubApp(world.api_url, str(world.app["id"]), world.private_key, Patience(backoff_seconds=0))
    world.playground.add_fault("secondary_rate_limit", path="access_tokens", seconds=3600)
    with pytest.raises(RateLimited):
        app.installation(world.installation["id"]).get_repository(REPO)


def test_revoked_token_is_replaced(world: World, github: GitHub, issue: int) -> None:
    before = github.token()
    world.playground.revoke_tokens("specwright", "acme")
    github.ensure_comment(REPO, issue, "status", "Working")
    assert github.token() != before


def test_token_that_ends_soon_is_renewed() -> None:
    made: list[int] = []

    def create(installation_id: int) -> InstallationToken:
        made.append(installation_id)
        return InstallationToken(f"token {len(made)}", datetime.now(UTC) + lifetimes[len(made) - 1])

    lifetimes = [timedelta(minutes=4), timedelta(minutes=6), timedelta(hours=1)]
    tokens = TokenCache(create)
    assert [tokens.get(7), tokens.get(7), tokens.get(7)] == ["token 1", "token 2", "token 2"]
    tokens.forget(7)
    assert tokens.get(7) == "token 3" and made == [7, 7, 7]
    assert "token 3" not in repr(tokens)


def test_threads_share_one_token(world: World) -> None:
    app = GitHubApp(world.api_url, str(world.app["id"]), world.private_key)
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(app.get_token(world.installation["id"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_wrong_key(world: World, tmp_path: Path) -> None:
    other = write_key_pair(tmp_path)[0].read_text()
    app = GitHubApp(world.api_url, str(world.app["id"]), other, Patience(backoff_seconds=0))
    with pytest.raises(Unauthorized, match="JSON web token"):
        app.find_installation(REPO)
    with pytest.raises(Unauthorized):
        app.installation(world.installation["id"]).get_repository(REPO)


def test_key_that_is_none(world: World) -> None:
    with pytest.raises(GitHubError):
        GitHubApp(world.api_url, "1", "none").find_installation(REPO)


def test_uninstalled(world: World, app: GitHubApp) -> None:
    with pytest.raises(NotFound):
        app.installation(999_999).get_repository(REPO)


def test_deleted_issue(world: World, github: GitHub, issue: int) -> None:
    world.playground.delete_issue(REPO, issue, "olivia")
    with pytest.raises(NotFound, match="This issue was deleted"):
        github.get_issue(REPO, issue)


def test_locked_issue(world: World, github: GitHub, issue: int) -> None:
    world.playground.set_locked(REPO, issue, "will", True)
    with pytest.raises(Forbidden, match="issue is locked"):
        github.ensure_reaction(REPO, issue, "eyes")


def test_app_without_the_permission(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    with open_world(tmp_path, app_keys, listener, default_permissions={"issues": "read"}, default_events=[]) as world:
        number = world.playground.open_issue(REPO, "will", "T")["number"]
        app = GitHubApp(world.api_url, str(world.app["id"]), world.private_key)
        with pytest.raises(Forbidden, match="403 Resource not accessible by integration"):
            app.installation(world.installation["id"]).ensure_comment(REPO, number, "status", "Working")


def test_reasons_are_told(github: GitHub) -> None:
    with pytest.raises(Unprocessable, match=r"422 Validation Failed: PullRequest.head is invalid"):
        github.ensure_pull_request(REPO, "absent", "main", "T", "B", False)


@contextmanager
def answer(status: int, body: bytes, headers: dict[str, str] | None = None) -> Iterator[str]:
    """A server that always answers that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b"null", b""])
def test_answer_that_cannot_be_read(app_keys: tuple[str, str], body: bytes) -> None:
    with answer(200, body) as url, pytest.raises(UnexpectedAnswer, match="cannot read GitHub's answer"):
        GitHubApp(url, "1", app_keys[0]).find_installation(REPO)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, "You have exceeded a secondary rate limit", RateLimited),
        (429, "slow down", RateLimited),
        (403, "no", Forbidden),
        (418, "teapot", GitHubError),
    ],
)
def test_limits_that_name_no_time(
    app_keys: tuple[str, str], status: int, message: str, kind: type[GitHubError]
) -> None:
    """GitHub asks to wait a minute then; this bot has no minute."""
    body = json.dumps({"message": message}).encode()
    patience = Patience(rate_limit_seconds=59, backoff_seconds=0)
    with answer(status, body) as url, pytest.raises(GitHubError, match=message) as caught:
        GitHubApp(url, "1", app_keys[0], patience).find_installation(REPO)
    assert type(caught.value) is kind


def test_nobody_answers(app_keys: tuple[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match="ConnectError"):
            GitHubApp(url, "1", app_keys[0], Patience(backoff_seconds=0)).find_installation(REPO)


def test_no_token_in_any_error(world: World, github: GitHub) -> None:
    token = github.token()
    with pytest.raises(NotFound) as caught:
        github.get_issue(REPO, 10**6)
    error: BaseException | None = caught.value
    while error is not None:
        assert token not in f"{error!r} {error} {vars(error)}"
        assert error.__suppress_context__ or error.__context__ is None
        error = error.__cause__
    assert token not in repr(github) and "PRIVATE KEY" not in repr(github)
