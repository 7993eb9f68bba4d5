"""POST /_playground/VERB: the same verbs from another process."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.playground.admin import VERBS
from tests.playground.world import REPO, World


def post(world: World, verb: str, values: dict[str, Any], **headers: str) -> httpx.Response:
    return httpx.post(f"{world.url}/_playground/{verb}", json=values, headers=headers)


def test_verbs_are_those_of_the_playground(world: World) -> None:
    made = post(world, "open_issue", {"repository": REPO, "author": "will", "title": "From afar"})
    assert made.status_code == 200
    number = made.json()["number"]
    labelled = post(world, "add_label", {"repository": REPO, "number": number, "actor": "will", "label": "bug"})
    assert [label["name"] for label in labelled.json()["labels"]] == ["bug"]
    assert post(world, "wait_for_deliveries", {}).json() == {"done": True}
    assert {"create_account", "create_repository", "ensure_app", "install_app"} <= set(VERBS)


@pytest.mark.parametrize(
    ("verb", "values", "status", "words"),
    [
        ("nothing", {}, 404, "no such verb"),
        ("_sign_in", {}, 404, "no such verb"),
        ("site", {}, 404, "no such verb"),
        ("open_issue", {"repository": REPO}, 422, "missing a required argument"),
        ("open_issue", {"repository": REPO, "author": "nobody", "title": "T"}, 404, "there is no account nobody"),
        ("create_account", {"login": "../x"}, 422, "Validation Failed"),
        ("create_account", {"login": "api"}, 422, "Validation Failed"),
        ("create_repository", {"name": "acme/.."}, 422, "Validation Failed"),
        ("create_repository", {"name": REPO}, 422, "Validation Failed"),
        ("add_label", {"repository": REPO, "number": 1, "actor": "rita", "label": "bug"}, 403, "rita may not"),
        ("open_issue_from_markdown", {"repository": REPO, "author": "will", "text": "no title"}, 422, "heading"),
    ],
)
def test_refusals(world: World, verb: str, values: dict[str, Any], status: int, words: str) -> None:
    world.playground.open_issue(REPO, "will", "T")
    answer = post(world, verb, values)
    assert answer.status_code == status and words in answer.text


def test_other_sites_cannot_use_it(world: World) -> None:
    """Neither with a form, nor from another origin, nor under another name (DNS rebinding)."""
    url = f"{world.url}/_playground/create_account"
    assert httpx.post(url, content=b'{"login": "evil"}', headers={"Content-Type": "text/plain"}).status_code == 415
    assert post(world, "create_account", {"login": "evil"}, Origin="https://evil.example").status_code == 403
    assert post(world, "create_account", {"login": "evil"}, Origin="null").status_code == 403
    assert post(world, "create_account", {"login": "evil"}, Host="evil.example").status_code == 403
    assert post(world, "create_account", {"login": "good"}, Origin=world.url).status_code == 200


def test_issue_from_markdown(world: World) -> None:
    text = "# The title #\n\n## Summary\nText with `code`.\n"
    made = world.playground.open_issue_from_markdown(REPO, "will", text)
    assert (made["title"], made["body"]) == ("The title", "## Summary\nText with `code`.")
