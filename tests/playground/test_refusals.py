"""What GitHub refuses is refused, with its status and its words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.playground.git_client import Clone
from tests.playground.world import REPO, Listener, World, open_world

LONG = "x" * 65_537


@pytest.fixture(scope="module")
def issue(world: World) -> int:
    number: int = world.playground.open_issue(REPO, "will", "T", "B")["number"]
    return number


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/repos/acme/nothing", None, 404, "Not Found"),
        ("GET", "/nowhere", None, 404, "Not Found"),
        ("DELETE", "/rate_limit", None, 404, "Not Found"),
        ("GET", "/repos/{repo}/issues/9999", None, 404, "Not Found"),
        ("POST", "/repos/{repo}/issues", {}, 422, "\"title\" wasn't supplied"),
        ("POST", "/repos/{repo}/issues", {"title": 7}, 422, "7 is not a string"),
        ("POST", "/repos/{repo}/issues", {"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
        ("POST", "/repos/{repo}/issues", {"title": "T", "body": LONG}, 422, "maximum is 65536 characters"),
        ("POST", "/repos/{repo}/issues/1/comments", {"body": LONG}, 422, "maximum is 65536 characters"),
        ("POST", "/repos/{repo}/issues/1/comments", {"body": " "}, 422, "missing_field"),
        ("POST", "/repos/{repo}/issues/1/reactions", {"content": "rage"}, 422, "Validation Failed"),
        ("POST", "/repos/{repo}/labels", {"name": "BUG", "color": "ffffff"}, 422, "already_exists"),
        ("POST", "/repos/{repo}/labels", {"name": "x", "color": "white"}, 422, "color"),
        ("DELETE", "/repos/{repo}/issues/1/labels/absent", None, 404, "Label does not exist"),
        ("GET", "/repos/{repo}/contents/absent.txt", None, 404, "Not Found"),
        ("GET", "/repos/{repo}/contents/README.md?ref=absent", None, 404, "No commit found for the ref absent"),
        ("GET", "/repos/{repo}/contents/..%2F..%2Fetc%2Fpasswd", None, 404, "Not Found"),
        ("GET", "/repos/{repo}/git/ref/heads/absent", None, 404, "Not Found"),
        ("DELETE", "/repos/{repo}/git/refs/heads/absent", None, 422, "Reference does not exist"),
        ("GET", "/repos/{repo}/branches/absent", None, 404, "Branch not found"),
        ("POST", "/repos/{repo}/pulls", {"title": "T", "head": "absent", "base": "main"}, 422, "head"),
        ("POST", "/repos/{repo}/pulls", {"title": "T", "head": "main", "base": "absent"}, 422, "base"),
        ("POST", "/repos/{repo}/pulls", {"title": "T", "head": "main", "base": "main"}, 422, "No commits between"),
        ("POST", "/repos/{repo}/check-runs", {"name": "C", "head_sha": "0" * 40}, 422, "No commit found for SHA"),
        ("POST", "/repos/{repo}/check-runs", {"name": "C", "head_sha": "main"}, 422, "No commit found for SHA"),
        ("GET", "/repos/{repo}/commits/absent/check-runs", None, 422, "No commit found for SHA"),
        ("GET", "/users/nobody-here", None, 404, "Not Found"),
    ],
)  # fmt: skip
def test_refusal(world: World, issue: int, method: str, path: str, body: Any, status: int, words: str) -> None:
    answer = world.call(method, path.format(repo=REPO), world.make_token(), json=body)
    assert answer.status_code == status
    assert words in answer.text.replace('\\"', '"')
    assert answer.json()["documentation_url"].startswith("https://docs.github.com/")


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"{", 400, "Problems parsing JSON"), (b"[]", 400, "Body should be a JSON object"), (b"\xff", 400, "parsing")],
)
def test_body_that_is_no_object(world: World, content: bytes, status: int, words: str) -> None:
    answer = world.call("POST", f"/repos/{REPO}/issues", world.make_token(), content=content)
    assert answer.status_code == status and words in answer.json()["message"]


def test_headers_that_github_wants(world: World) -> None:
    assert world.call("GET", "/rate_limit", headers={"User-Agent": ""}).status_code == 403
    assert world.call("GET", "/rate_limit", headers={"X-GitHub-Api-Version": "1999-01-01"}).status_code == 400
    assert world.call("GET", "/rate_limit", headers={"X-GitHub-Api-Version": "2022-11-28"}).status_code == 200


def test_second_pull_request_of_a_branch(world: World, make_clone: Callable[..., Clone]) -> None:
    copy = make_clone("will")
    copy.commit("twice", {"t.txt": "t\n"})
    copy.push("twice")
    body, token = {"title": "T", "head": "twice", "base": "main"}, world.make_token()
    first = world.call("POST", f"/repos/{REPO}/pulls", token, json=body)
    second = world.call("POST", f"/repos/{REPO}/pulls", token, json=body)
    assert (first.status_code, second.status_code) == (201, 422)
    assert second.json()["errors"][0]["message"] == "A pull request already exists for acme:twice."
    world.call("PATCH", f"/repos/{REPO}/pulls/{first.json()['number']}", token, json={"state": "closed"})
    assert world.call("POST", f"/repos/{REPO}/pulls", token, json=body).status_code == 201


def test_draft_where_the_plan_has_none(world: World, make_clone: Callable[..., Clone], tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a").write_text("a")
    world.playground.create_repository("acme/free", str(tmp_path / "source"), private=True, has_drafts=False)
    copy = make_clone(name="acme/free")
    copy.commit("topic", {"b": "b"})
    copy.push("topic")
    body = {"title": "T", "head": "topic", "base": "main", "draft": True}
    answer = world.call("POST", "/repos/acme/free/pulls", world.make_token(), json=body)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "Draft pull requests are not supported in this repository.",
    )


def test_empty_repository(world: World) -> None:
    world.playground.create_repository("acme/empty")
    token = world.make_token()
    contents = world.call("GET", "/repos/acme/empty/contents/README.md", token)
    assert (contents.status_code, contents.json()["message"]) == (404, "This repository is empty.")
    for path in ("git/ref/heads/main", "commits"):
        answer = world.call("GET", f"/repos/acme/empty/{path}", token)
        assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")


def test_merge_conflict_and_draft_are_not_merged(world: World, make_clone: Callable[..., Clone]) -> None:
    copy, token = make_clone("will"), world.make_token()
    start = copy.run("rev-parse", "HEAD").stdout.strip()
    copy.commit("left", {"README.md": "left\n"})
    copy.run("checkout", "-q", start)
    copy.commit("right", {"README.md": "right\n"})
    numbers = {}
    for name in ("left", "right"):
        copy.push(name)
        body = {"title": name, "head": name, "base": "main", "draft": name == "left"}
        numbers[name] = world.call("POST", f"/repos/{REPO}/pulls", token, json=body).json()["number"]
    merge = f"/repos/{REPO}/pulls/{{}}/merge"
    assert world.call("PUT", merge.format(numbers["left"]), token).status_code == 405
    world.playground.set_draft(REPO, numbers["left"], "will", False)
    assert world.call("PUT", merge.format(numbers["left"]), token, json={"sha": start}).status_code == 409
    assert world.call("PUT", merge.format(numbers["left"]), token).status_code == 200
    conflict = world.call("PUT", merge.format(numbers["right"]), token)
    assert (conflict.status_code, conflict.json()["message"]) == (405, "Pull Request has merge conflicts")


def test_deleted_issue_is_gone(world: World) -> None:
    number = world.playground.open_issue(REPO, "will", "T")["number"]
    world.playground.delete_issue(REPO, number, "olivia")
    answer = world.call("GET", f"/repos/{REPO}/issues/{number}", world.make_token())
    assert (answer.status_code, answer.json()["message"]) == (410, "This issue was deleted")
    assert world.playground.open_issue(REPO, "will", "T")["number"] == number + 1


def test_locked_issue(world: World) -> None:
    number = world.playground.open_issue(REPO, "will", "T")["number"]
    world.playground.set_locked(REPO, number, "will", True)
    path, token = f"/repos/{REPO}/issues/{number}", world.make_token()
    reaction = world.call("POST", f"{path}/reactions", token, json={"content": "eyes"})
    assert reaction.status_code == 403 and "locked" in reaction.json()["message"]
    assert world.call("POST", f"{path}/comments", token, json={"body": "B"}).status_code == 201
    assert world.call("POST", f"{path}/comments", world.get_login_token("rita"), json={"body": "B"}).status_code == 403


NEEDED = [
    ("issues", "POST", "/issues/1/comments", {"body": "B"}),
    ("issues", "POST", "/issues/1/reactions", {"content": "eyes"}),
    ("issues", "POST", "/issues/1/labels", {"labels": ["x"]}),
    ("issues", "PATCH", "/issues/1", {"title": "X"}),
    ("pull_requests", "POST", "/pulls", {"title": "T", "head": "a", "base": "main"}),
    ("checks", "POST", "/check-runs", {"name": "C", "head_sha": "0" * 40}),
    ("contents", "POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}),
]


@pytest.mark.parametrize("name", sorted({needed[0] for needed in NEEDED}))
def test_app_without_a_permission(tmp_path: Path, app_keys: tuple[str, str], listener: Listener, name: str) -> None:
    """The permissions are those of app.yml; each that is taken away closes its routes."""
    everything = {"contents": "write", "issues": "write", "pull_requests": "write", "checks": "write"}
    permissions = {**everything, name: "read"}
    with open_world(tmp_path, app_keys, listener, default_permissions=permissions) as world:
        world.playground.open_issue(REPO, "will", "T", "B")
        token = world.make_token()
        for needed, method, path, body in NEEDED:
            answer = world.call(method, f"/repos/{REPO}{path}", token, json=body)
            is_refused = answer.status_code == 403 and "Resource not accessible by integration" in answer.text
            assert is_refused == (needed == name), (path, answer.text)


def test_people_without_the_right(world: World, issue: int) -> None:
    stranger, writer = world.get_login_token("stan"), world.get_login_token("will")
    path = f"/repos/{REPO}/issues/{issue}"
    assert world.call("POST", f"{path}/labels", stranger, json={"labels": ["bug"]}).status_code == 403
    assert world.call("PATCH", path, stranger, json={"title": "Mine"}).status_code == 403
    assert world.call("POST", f"{path}/comments", stranger, json={"body": "Hello"}).status_code == 201
    assert world.call("POST", f"{path}/labels", writer, json={"labels": ["bug"]}).status_code == 200
    dropped = world.call("POST", f"/repos/{REPO}/issues", stranger, json={"title": "T", "labels": ["bug"]})
    assert (dropped.status_code, dropped.json()["labels"]) == (201, [])
    assert world.call("POST", f"{path}/comments", json={"body": "Nobody"}).status_code == 401
