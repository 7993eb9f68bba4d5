"""GitHub's own example payloads: each is routed or ignored, and none is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from bot.github.connection import Patience
from bot.store.upgrade import upgrade
from handlers.app import create_app
from handlers.cli.local.keys import write_key_pair
from handlers.dispatch import dispatch
from handlers.routing import get_handlers
from jobs.parts import Parts, make_parts
from tests.handlers.github import GitHubServer, serve
from tests.handlers.payloads import list_examples
from tests.handlers.settings import make_headers, make_settings

EXAMPLES = list_examples()
COMMAND = "/help"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Parts]:
    directory = tmp_path_factory.mktemp("examples")
    key = write_key_pair(directory)[0].read_text()
    with serve(GitHubServer().create_app()) as url:
        made = make_parts(make_settings(directory, redis_url, github_api_url=url, github_private_key=key))
        made.github.patience = Patience(backoff_seconds=0.01)
        upgrade(made.store.engine)
        yield made
        made.store.close()


def make_id(name: str) -> str:
    return re.sub(r"[._]", "-", name)


def post(parts: Parts, name: str, payload: dict[str, Any], delivery_id: str) -> int:
    """The answer's status; what was accepted has been taken through its handler without an error."""
    body, event = json.dumps(payload).encode(), name.partition(".")[0]
    with TestClient(create_app(parts)) as client:
        status = client.post("/webhook", content=body, headers=make_headers(body, event, delivery_id))
    if status.status_code == 202:
        dispatch(parts, delivery_id)
        delivery = parts.store.get_delivery(delivery_id)
        assert (delivery.state, delivery.error) == ("done", None)
    return status.status_code


@pytest.mark.parametrize(("name", "payload"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_is_routed_or_ignored(parts: Parts, name: str, payload: dict[str, Any]) -> None:
    """As it is, and as an App's webhook would send it: some examples are those of a repository's webhook."""
    event, action = name.split(".")[:2]
    is_routed = (event, None if action == "none" else action) in get_handlers()
    of_app = is_routed and (event == "ping" or "installation" in payload)
    plain = make_id(name)
    assert post(parts, name, payload, plain) == (202 if of_app else 204)
    with_app = {"installation": {"id": 7, "node_id": "x"}, **payload}
    assert post(parts, name, with_app, f"{plain}-app") == (202 if is_routed else 204)


def test_the_examples_of_comments_may_hold_commands(parts: Parts) -> None:
    found = [(name, payload) for name, payload in EXAMPLES if name.startswith("issue_comment.created")]
    assert len(found) == 3
    for name, payload in found:
        comment = {**payload["comment"], "body": COMMAND}
        changed = {**payload, "comment": comment, "installation": {"id": 7, "node_id": "x"}}
        assert post(parts, name, changed, f"{make_id(name)}-command") == 202
    refused = parts.store.list_decisions()
    assert [(item.command, item.allowed) for item in refused] == [("help", False)] * 3
