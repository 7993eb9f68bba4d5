"""Everything is still there after a restart, also when the process died in between."""

from __future__ import annotations

from pathlib import Path

from bot.playground.running import open_playground
from tests.playground.git_client import clone, run_git
from tests.playground.world import REPO, Listener, open_world


def test_state_survives(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    with open_world(tmp_path, app_keys, listener) as world:
        number = world.playground.open_issue(REPO, "will", "Kept", "Body", ["bug"])["number"]
        world.playground.add_comment(REPO, number, "rita", "Comment")
        before = _forget_address(world.playground.get_issue(REPO, number), world.url)
    with open_playground(tmp_path / "state") as playground:
        after = _forget_address(playground.get_issue(REPO, number), playground.site.url)
        assert after == before
        assert clone(playground.site.url, REPO, tmp_path / "copy").path.joinpath("README.md").exists()


def test_push_that_nobody_followed(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    """The process died after git took a push and before pull requests followed it."""
    with open_world(tmp_path, app_keys, listener) as world:
        copy = clone(world.url, REPO, tmp_path / "copy", "will", world.get_login_token("will"))
        copy.commit("topic", {"a": "a"})
        copy.push("topic")
        body = {"title": "T", "head": "topic", "base": "main"}
        world.call("POST", f"/repos/{REPO}/pulls", world.make_token(), json=body)
        second = copy.commit("topic", {"b": "b"})
    (bare,) = (tmp_path / "state" / "repositories").iterdir()
    run_git(copy.path, "push", "-q", str(bare), "topic")
    with open_playground(tmp_path / "state") as playground:
        (pull,) = playground.list_pull_requests(REPO)
        assert pull["head"]["sha"] == second


def _forget_address(value: object, url: str) -> str:
    return repr(value).replace(url, "URL")
