"""git over HTTP: who may fetch and push, and what follows a push."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bot.playground.errors import Refused
from tests.playground.git_client import Clone, clone, run_git
from tests.playground.world import REPO, World

Make = Callable[..., Clone]


@pytest.fixture(scope="module", autouse=True)
def private_repository(world: World, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("private")
    (folder / "secret.txt").write_text("secret\n")
    world.playground.create_repository("acme/private", str(folder), private=True, collaborators={"rita": "read"})
    return "acme/private"


def test_everybody_clones_what_is_public(world: World, tmp_path: Path) -> None:
    copy = clone(world.url, REPO, tmp_path / "copy")
    assert (copy.path / "src" / "main.py").read_text() == "print('hello')\n"
    assert copy.run("rev-parse", "--abbrev-ref", "HEAD").stdout.strip() == "main"


@pytest.mark.parametrize(
    ("login", "token", "words"),
    [
        ("", "", "could not read Username"),
        ("stan", "own", "Repository not found"),
        ("rita", "wrong", "Invalid username or token"),
        ("will", "rita's", "Invalid username or token"),
        ("x-access-token", "jwt", "Repository not found"),
    ],
)
def test_private_repository_is_closed(world: World, tmp_path: Path, login: str, token: str, words: str) -> None:
    """Without a name GitHub asks for one (401); who may not see it is told that it is not there."""
    tokens = {
        "own": world.get_login_token("stan"),
        "rita's": world.get_login_token("rita"),
        "jwt": world.make_jwt(),
        "wrong": "ghp_wrong",
        "": "",
    }
    with_login = f"http://{login}:{tokens[token]}@" if login else "http://"
    address = world.url.replace("http://", with_login) + "/acme/private.git"
    done = run_git(tmp_path, "ls-remote", address, check=False)
    assert done.returncode != 0 and words in done.stderr


def test_private_repository_opens_for_readers_and_the_app(world: World, make_clone: Make) -> None:
    for login in ("rita", "x-access-token"):
        assert (make_clone(login, name="acme/private").path / "secret.txt").exists()
    narrowed = world.make_token(repositories=["shop"])
    address = world.url.replace("http://", f"http://x-access-token:{narrowed}@") + "/acme/private.git"
    assert run_git(Path("/"), "ls-remote", address, check=False).returncode != 0


@pytest.mark.parametrize("login", ["rita", "stan"])
def test_only_writers_push(world: World, make_clone: Make, login: str) -> None:
    copy = make_clone(login)
    copy.commit("mine", {"mine.txt": "x"})
    done = copy.push("mine", check=False)
    assert done.returncode != 0 and f"Permission to {REPO}.git denied to {login}" in done.stderr


def test_nobody_pushes_without_a_name(world: World, tmp_path: Path) -> None:
    copy = clone(world.url, REPO, tmp_path / "copy")
    copy.commit("mine", {"mine.txt": "x"})
    assert "could not read Username" in copy.push("mine", check=False).stderr


def test_app_without_contents_cannot_push(world: World, make_clone: Make) -> None:
    copy = make_clone(token=world.make_token(permissions={"contents": "read"}))
    copy.commit("mine", {"mine.txt": "x"})
    assert "denied to specwright[bot]" in copy.push("mine", check=False).stderr


def test_app_cannot_touch_workflows(make_clone: Make) -> None:
    app, person = make_clone(), make_clone("will")
    for copy in (app, person):
        copy.commit("flow", {".github/workflows/ci.yml": "on: push\n"})
    refused = app.push("flow", check=False)
    assert "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml`" in refused.stderr
    person.push("flow")
    app.run("fetch", "-q", "origin", "flow")
    app.run("checkout", "-q", "FETCH_HEAD")
    app.commit("flow", {"beside.txt": "what is beside workflows may change"})
    app.push("flow")


def test_push_is_followed(world: World, make_clone: Make) -> None:
    """Pull requests follow their branch: new commits, and the end when it is deleted."""
    copy, token = make_clone(), world.make_token()
    first = copy.commit("topic", {"a.txt": "a\n"})
    copy.push("topic")
    body = {"title": "T", "head": "topic", "base": "main"}
    number = world.call("POST", f"/repos/{REPO}/pulls", token, json=body).json()["number"]
    second = copy.commit("topic", {"b.txt": "b\n"})
    copy.push("topic")
    pull = world.call("GET", f"/repos/{REPO}/pulls/{number}", token).json()
    assert (pull["head"]["sha"], pull["commits"], pull["changed_files"]) == (second, 2, 2)
    assert copy.run("ls-remote", "origin", f"refs/pull/{number}/head").stdout.startswith(second)
    copy.push(":topic")
    ended = world.call("GET", f"/repos/{REPO}/pulls/{number}", token).json()
    assert (ended["state"], ended["merged"], ended["head"]["sha"]) == ("closed", False, second)
    assert first != second


def test_pull_request_is_merged_when_its_commits_are_pushed(world: World, make_clone: Make) -> None:
    copy, token = make_clone("will"), world.make_token()
    issue = world.playground.open_issue(REPO, "rita", "Broken")["number"]
    copy.commit("fix", {"fix.txt": "f\n"})
    copy.push("fix")
    body = {"title": "Fix", "head": "fix", "base": "main", "body": f"Fixes #{issue}"}
    number = world.call("POST", f"/repos/{REPO}/pulls", token, json=body).json()["number"]
    copy.push("fix:main")
    assert world.call("GET", f"/repos/{REPO}/pulls/{number}", token).json()["merged"] is True
    assert world.playground.get_issue(REPO, issue)["state"] == "closed"


def test_hidden_refs_cannot_be_pushed(make_clone: Make) -> None:
    copy = make_clone("will")
    assert "deny updating a hidden ref" in copy.push("main:refs/pull/1/head", check=False).stderr


def test_large_push_and_gzipped_fetch(make_clone: Make) -> None:
    """More than fits into a pipe, both ways."""
    copy = make_clone("will")
    text = "".join(f"{number} {number**3}\n" for number in range(120_000))
    sha = copy.commit("large", {"large.txt": text, **{f"many/{number}.txt": str(number) for number in range(300)}})
    copy.push("large")
    again = make_clone("olivia")
    again.run("fetch", "-q", "--depth=1", "origin", sha)
    assert again.run("show", f"{sha}:large.txt").stdout == text


def test_dumb_protocol_is_refused(world: World) -> None:
    assert httpx.get(f"{world.url}/{REPO}.git/info/refs").status_code == 403
    assert httpx.get(f"{world.url}/{REPO}.git/info/refs?service=git-evil").status_code == 403


@pytest.mark.parametrize("name", ["../../etc", "acme/..", "acme/%2e%2e%2fprivate", "acme/nothing"])
def test_names_do_not_lead_out(world: World, name: str) -> None:
    answer = httpx.get(f"{world.url}/{name}.git/info/refs?service=git-upload-pack", follow_redirects=False)
    assert answer.status_code in (401, 404)


def test_repository_of_a_repository_keeps_only_its_head(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    run_git(source, "init", "-q", "-b", "trunk")
    copy = Clone(source)
    copy.commit("trunk", {"kept.txt": "committed\n", ".gitignore": "*.log\n"})
    (source / "kept.txt").write_text("not committed\n")
    (source / "new.txt").write_text("not committed\n")
    world.playground.create_repository("acme/taken", str(source))
    taken = clone(world.url, "acme/taken", tmp_path / "copy")
    assert sorted(path.name for path in taken.path.iterdir()) == [".git", ".gitignore", "kept.txt"]
    assert (taken.path / "kept.txt").read_text() == "committed\n"
    assert taken.run("log", "--format=%an %s").stdout == "Acme First commit\n"


def test_what_is_no_repository_is_refused(world: World, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q")
    for name, source in (("no-commit", tmp_path), ("no-folder", tmp_path / "absent")):
        with pytest.raises(Refused, match="cannot be taken as a repository"):
            world.playground.create_repository(f"acme/{name}", str(source))
        assert world.call("GET", f"/repos/acme/{name}", world.make_token()).status_code == 404
