"""Webhooks: GitHub's shapes and headers, signed, in order, logged, delivered again, given up after a time."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from bot.playground.running import open_playground
from bot.playground.site import Site
from bot.playground.tables import Delivery
from handlers.signature import is_valid
from tests.playground.git_client import clone
from tests.playground.shapes import SHAPES, list_differences
from tests.playground.world import REPO, SECRET, Listener, World, open_world


@pytest.fixture(scope="module")
def told(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world in which everything happened once."""
    play = world.playground
    number = play.open_issue(REPO, "will", "A title", "A body", ["bug"])["number"]
    play.remove_label(REPO, number, "will", "bug")
    play.edit_issue(REPO, number, "will", title="Another", body="More")
    play.set_state(REPO, number, "will", "closed")
    play.set_state(REPO, number, "will", "open")
    comment = play.add_comment(REPO, number, "rita", "Hello")["id"]
    token = world.make_token()
    world.call("POST", f"/repos/{REPO}/labels", token, json={"name": "new", "color": "00ff00"})
    world.call("PATCH", f"/repos/{REPO}/issues/comments/{comment}", token, json={"body": "Changed"})
    copy = clone(world.url, REPO, tmp_path_factory.mktemp("told") / "copy", "will", world.get_login_token("will"))
    head = copy.commit("topic", {"a.txt": "a\n", "README.md": "# New\n"})
    copy.push("topic")
    body = {"title": "P", "head": "topic", "base": "main", "draft": True}
    pull = world.call("POST", f"/repos/{REPO}/pulls", token, json=body).json()["number"]
    run = world.call("POST", f"/repos/{REPO}/check-runs", token, json={"name": "C", "head_sha": head}).json()["id"]
    world.call("PATCH", f"/repos/{REPO}/check-runs/{run}", token, json={"conclusion": "success"})
    world.call("POST", f"/repos/{REPO}/check-runs/{run}/rerequest", token)
    copy.commit("topic", {"b.txt": "b\n"})
    copy.push("topic")
    play.set_draft(REPO, pull, "will", False)
    play.set_draft(REPO, pull, "will", True)
    play.set_draft(REPO, pull, "will", False)
    play.merge_pull_request(REPO, pull, "olivia")
    gone = play.open_issue(REPO, "will", "Gone")["number"]
    play.delete_issue(REPO, gone, "olivia")
    play.create_repository("acme/other")
    play.set_installation_repositories("specwright", "acme", [REPO, "acme/other"])
    play.set_installation_repositories("specwright", "acme", [REPO])
    play.create_account("zoe", "Organization")
    play.install_app("specwright", "zoe")
    play.uninstall_app("specwright", "zoe")
    world.wait()
    return world


@pytest.mark.parametrize("name", SHAPES["events"])
def test_payload_has_what_githubs_has(told: World, name: str) -> None:
    event, _, action = name.partition(".")
    payload = told.listener.get_payload(event, action or None)
    assert list(list_differences(SHAPES["events"][name], payload)) == []


def test_every_payload_names_the_installation(told: World) -> None:
    bodies = [json.loads(body) for headers, body in told.listener.requests if headers["x-github-event"] != "ping"]
    assert all(body["installation"]["id"] for body in bodies)


def test_deliveries_come_in_the_order_of_what_happened(told: World) -> None:
    events = told.listener.list_events()
    assert events[:4] == ["ping", "installation.created", "issues.opened", "issues.labeled"]
    about_pulls = [event for event in events if event.startswith("pull_request.")]
    assert about_pulls == [
        "pull_request.opened",
        "pull_request.synchronize",
        "pull_request.ready_for_review",
        "pull_request.converted_to_draft",
        "pull_request.ready_for_review",
        "pull_request.closed",
    ]


def test_payload_says_what_was_there_then(told: World) -> None:
    opened = told.listener.get_payload("issues", "edited")
    assert opened["changes"] == {"title": {"from": "A title"}, "body": {"from": "A body"}}
    pushed = told.listener.get_payload("pull_request", "synchronize")
    assert pushed["after"] == pushed["pull_request"]["head"]["sha"] != pushed["before"]
    push = next(json.loads(body) for headers, body in told.listener.requests if headers["x-github-event"] == "push")
    assert push["created"] and push["ref"] == "refs/heads/topic"
    assert [(commit["added"], commit["modified"]) for commit in push["commits"]] == [(["a.txt"], ["README.md"])]


def test_headers_and_signature(told: World) -> None:
    headers, body = told.listener.requests[2]
    assert headers["content-type"] == "application/json"
    assert headers["x-github-event"] == "issues"
    assert headers["x-github-hook-installation-target-type"] == "integration"
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert headers["x-hub-signature-256"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert is_valid(SECRET, body, headers["x-hub-signature-256"])
    assert len({headers["x-github-delivery"] for headers, _ in told.listener.requests}) == len(told.listener.requests)


def test_redelivery_is_the_same_delivery_again(told: World) -> None:
    log = told.playground.list_deliveries()
    first = next(entry for entry in log if entry["event"] == "issues" and entry["action"] == "labeled")
    assert (first["status_code"], first["response_body"]) == (202, "thank you")
    told.playground.redeliver(first["id"])
    told.wait()
    headers, body = told.listener.requests[-1]
    assert (headers["x-github-delivery"], body.decode()) == (first["guid"], first["payload"])
    assert told.playground.list_deliveries()[0]["redelivery"] is True


def test_only_what_the_app_listens_to(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    before = len(listener.requests)
    with open_world(tmp_path, app_keys, listener, default_events=["issues"]) as world:
        number = world.playground.open_issue(REPO, "will", "T")["number"]
        world.playground.add_comment(REPO, number, "will", "C")
        world.playground.create_repository("will/own")
        world.playground.open_issue("will/own", "will", "The App is not installed here")
        world.wait()
    assert listener.list_events()[before:] == ["ping", "installation.created", "issues.opened"]


def test_failed_delivery_is_logged_and_the_next_one_goes(
    tmp_path: Path, app_keys: tuple[str, str], listener: Listener
) -> None:
    with open_world(tmp_path, app_keys, listener) as world:
        world.wait()
        listener.status = 500
        world.playground.open_issue(REPO, "will", "T")
        world.wait()
        listener.status = 202
        assert _get_last(world)["state"] == "failed"
        world.playground.open_issue(REPO, "will", "T")
        world.wait()
        assert _get_last(world)["state"] == "done"


def test_slow_receiver_is_given_up(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    listener.go.clear()
    with open_world(tmp_path, app_keys, listener, delivery_timeout_seconds=0.2) as world:
        world.wait()
        assert _get_last(world)["status"] == "timed out"
    listener.go.set()


def test_delivery_survives_a_restart(tmp_path: Path, app_keys: tuple[str, str], listener: Listener) -> None:
    """The process dies while a delivery is pending: the next process sends it."""
    with open_world(tmp_path, app_keys, listener) as world:
        world.wait()
        guid = world.playground.list_deliveries()[0]["guid"]
    site = Site(tmp_path / "state")
    with site.open() as work:
        work.session.query(Delivery).filter_by(guid=guid).update({"state": "pending"})
    site.close()
    before = len(listener.requests)
    with open_playground(tmp_path / "state") as playground:
        assert playground.wait_for_deliveries()["done"]
    assert [headers["x-github-delivery"] for headers, _ in listener.requests[before:]] == [guid]


def _get_last(world: World) -> dict[str, Any]:
    return world.playground.list_deliveries()[0]
