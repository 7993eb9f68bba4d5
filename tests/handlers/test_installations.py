"""Where the App is installed, as GitHub's own payloads tell it."""

from __future__ import annotations

import json

import pytest

from handlers.dispatch import dispatch
from jobs.parts import Parts
from tests.handlers.payloads import read_payload


def deliver(parts: Parts, name: str) -> None:
    event, _, action = name.partition(".")
    payload = read_payload(name) | {"installation": {**read_payload(name)["installation"], "id": 7}}
    parts.store.record_delivery(name.replace(".", "-"), event, action, 7, json.dumps(payload).encode())
    dispatch(parts, name.replace(".", "-"))
    assert parts.store.get_delivery(name.replace(".", "-")).state == "done"


@pytest.mark.parametrize(
    ("names", "repositories"),
    [
        (["installation.created"], ("Codertocat/Hello-World",)),
        (["installation.created", "installation_repositories.added"], ("Codertocat/Hello-World", "Codertocat/Space")),
        (["installation_repositories.added", "installation_repositories.removed"], ("Codertocat/Space",)),
        (["installation.created", "installation.deleted"], None),
        (["installation.created", "installation.deleted", "installation_repositories.added"], ("Codertocat/Space",)),
    ],
)
def test_what_is_installed_is_known(parts: Parts, names: list[str], repositories: tuple[str, ...] | None) -> None:
    for name in names:
        deliver(parts, name)
    assert parts.store.find_repositories(7) == repositories


def test_a_ping_reaches_its_handler(parts: Parts) -> None:
    parts.store.record_delivery("d-1", "ping", None, None, b'{"zen": "Keep it logically awesome."}')
    dispatch(parts, "d-1")
    assert parts.store.get_delivery("d-1").state == "done"
