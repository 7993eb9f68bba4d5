"""Every verb does what it says, and done twice it is done once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.github.client import GitHub, GitHubApp
from bot.github.contents import FileTooLarge
from bot.github.errors import NotFound
from bot.github.values import Issue, User
from tests.playground.git_client import run_git
from tests.playground.world import REPO, World


def test_repository_and_people(world: World, app: GitHubApp, github: GitHub) -> None:
    found = github.get_repository(REPO)
    assert (found.full_name, found.default_branch, found.private) == (REPO, "main", False)
    assert found.clone_url == f"{world.url}/{REPO}.git"
    people = ("olivia", "will", "rita", "stan", "nobody-there")
    assert [github.get_permission(REPO, login) for login in people] == ["admin", "write", "read", "read", "none"]
    assert github.get_permission("acme/nothing", "will") == "none"
    assert github.get_user("stan") == User("stan", github.get_user("STAN").id, "Stan Stranger")
    assert github.get_user(app.login).login == "specwright[bot]"


def test_installation_is_found(world: World, app: GitHubApp) -> None:
    world.playground.create_repository("will/private-things")
    assert app.find_installation(REPO) == world.installation["id"]
    assert app.find_installation("will/private-things") is None
    assert app.find_installation("acme/../..") is None


def test_issue_is_read(world: World, github: GitHub, issue: int) -> None:
    page = f"{world.url}/{REPO}/issues/{issue}"
    read = Issue(issue, "A spec", "line one\nline two", "open", ("bug",), "will", page)
    assert github.get_issue(REPO, issue) == read


def test_reaction(world: World, github: GitHub, issue: int) -> None:
    for _ in range(2):
        github.ensure_reaction(REPO, issue, "eyes")
    assert world.playground.get_issue(REPO, issue)["reactions"]["total_count"] == 1


def test_reaction_to_a_comment(world: World, github: GitHub, issue: int) -> None:
    comment = world.playground.add_comment(REPO, issue, "will", "/help")["id"]
    for content in ("eyes", "eyes", "rocket"):
        github.ensure_comment_reaction(REPO, comment, content)  # type: ignore[arg-type]  # reactions
    assert [found["content"] for found in world.playground.list_reactions(REPO, comment)] == ["eyes", "rocket"]
    with pytest.raises(NotFound):
        github.ensure_comment_reaction(REPO, 10**6, "eyes")


def test_team_membership(world: World, github: GitHub) -> None:
    world.playground.ensure_team_member("acme", "dba", "will")
    world.playground.ensure_team_member("acme", "dba", "rita", "pending")
    people = ("will", "WILL", "rita", "stan", "nobody-there", "../olivia")
    assert [github.is_team_member("acme", "dba", login) for login in people] == [True, True, False, False, False, False]
    assert not github.is_team_member("acme", "nothing", "will")
    assert not github.is_team_member("will", "dba", "will")


def test_pull_request_of_a_number(github: GitHub, branch: str, issue: int) -> None:
    made = github.ensure_pull_request(REPO, branch, "main", "T", "B", False)
    assert github.get_pull_request(REPO, made.number) == made
    with pytest.raises(NotFound):
        github.get_pull_request(REPO, issue)


def test_comment(world: World, github: GitHub, issue: int) -> None:
    first, again = (github.ensure_comment(REPO, issue, "status", "Working") for _ in range(2))
    changed = github.ensure_comment(REPO, issue, "status", "Done")
    other = github.ensure_comment(REPO, issue, "refused", "No")
    assert first.id == again.id == changed.id != other.id
    assert [comment["body"] for comment in world.playground.list_comments(REPO, issue)] == [
        "Done\n\n<!-- specwright:status -->",
        "No\n\n<!-- specwright:refused -->",
    ]
    assert first.author == "specwright[bot]" and first.html_url.endswith(f"#issuecomment-{first.id}")


def test_pull_request(world: World, github: GitHub, branch: str) -> None:
    first, again = (github.ensure_pull_request(REPO, branch, "main", "T", "B", True) for _ in range(2))
    assert first == again == github.find_pull_request(REPO, branch)
    assert (first.head, first.base, first.draft, first.state) == (branch, "main", True, "open")
    assert first.head_sha == github.find_branch(REPO, branch)
    changed = github.ensure_pull_request(REPO, branch, "main", "T2", "B2", False)
    assert (changed.number, changed.title, changed.body, changed.draft) == (first.number, "T2", "B2", False)
    assert github.ensure_pull_request(REPO, branch, "main", "T2", "B2", True).draft is True
    assert len([pull for pull in world.playground.list_pull_requests(REPO) if pull["head"]["ref"] == branch]) == 1


def test_check_run(world: World, github: GitHub, branch: str) -> None:
    sha = github.find_branch(REPO, branch) or ""
    arguments: tuple[Any, ...] = (REPO, sha, "Specwright")
    urls = {github.ensure_check_run(*arguments, "run-1", None, "Working", "…") for _ in range(2)}
    urls.add(github.ensure_check_run(*arguments, "run-1", "failure", "2 of 3", "| a |"))
    assert len(urls) == 1 and next(iter(urls)).startswith(f"{world.url}/{REPO}/runs/")
    github.ensure_check_run(*arguments, "run-2", "success", "3 of 3", "ok")
    runs = {run["external_id"]: run for run in world.playground.list_check_runs(REPO, sha)}
    assert sorted(runs) == ["run-1", "run-2"]
    assert (runs["run-1"]["status"], runs["run-1"]["conclusion"]) == ("completed", "failure")
    github.ensure_check_run(*arguments, "run-1", None, "Again", "…")
    again = {run["external_id"]: run for run in world.playground.list_check_runs(REPO, sha)}["run-1"]
    assert (again["status"], again["conclusion"], again["output"]["title"]) == ("in_progress", None, "Again")


def test_branch(github: GitHub, branch: str) -> None:
    assert github.find_branch(REPO, branch) is not None
    for _ in range(2):
        github.delete_branch(REPO, branch)
    assert github.find_branch(REPO, branch) is None


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A repository with files of every kind."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "text.md").write_text("ü\n")
    (folder / "binary").write_bytes(bytes(range(256)) * 10)
    (folder / "empty").write_bytes(b"")
    (folder / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    (folder / "link").symlink_to("text.md")
    (folder / "deep er").mkdir()
    (folder / "deep er" / "50% #1?.txt").write_text("odd")
    world.playground.create_repository("acme/files", str(folder))
    return "acme/files"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("text.md", "ü\n".encode()),
        ("binary", bytes(range(256)) * 10),
        ("empty", b""),
        ("deep er/50% #1?.txt", b"odd"),
        ("link", None),
        ("deep er", None),
        ("absent", None),
        ("../files/text.md", None),
        ("", None),
    ],
)
def test_file(github: GitHub, files: str, path: str, content: bytes | None) -> None:
    assert github.find_file(files, path, "main") == content


def test_file_at_another_ref_and_too_large(github: GitHub, files: str) -> None:
    assert github.find_file(files, "text.md", github.find_branch(files, "main") or "") is not None
    assert github.find_file(files, "text.md", "absent") is None
    with pytest.raises(FileTooLarge, match="1048577 bytes"):
        github.find_file(files, "large", "main")


def test_empty_repository_has_nothing(world: World, github: GitHub) -> None:
    world.playground.create_repository("acme/empty")
    assert github.find_file("acme/empty", "README.md", "main") is None
    assert github.find_branch("acme/empty", "main") is None
    assert github.find_pull_request("acme/empty", "topic") is None


@pytest.mark.parametrize("name", ["", "..", "a/../../issues", "absent", "a b", "x" * 300, "-x", "a\nb", "@{-1}"])
def test_odd_branches(github: GitHub, name: str) -> None:
    assert github.find_branch(REPO, name) is None


@pytest.mark.parametrize("name", ["acme", "acme/shop/x", "acme/..", "../shop", "acme/shop?x=1", "acme/shop\n", ""])
def test_odd_repositories_are_not_found(github: GitHub, name: str) -> None:
    with pytest.raises(NotFound):
        github.get_repository(name)


def test_token_opens_git(world: World, github: GitHub) -> None:
    credentials = base64.b64encode(f"x-access-token:{github.token()}".encode()).decode()
    header = f"http.extraHeader=Authorization: Basic {credentials}"
    listed = run_git(Path("/"), "-c", header, "ls-remote", f"{world.url}/{REPO}.git", "refs/heads/main").stdout
    assert listed.startswith(github.find_branch(REPO, "main") or "nothing")


def test_api_may_have_a_slash_at_its_end(world: World) -> None:
    app = GitHubApp(world.api_url + "/", str(world.app["id"]), world.private_key)
    assert app.login == "specwright[bot]"
    assert httpx.get(world.url).status_code == 200
