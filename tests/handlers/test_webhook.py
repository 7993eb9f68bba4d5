"""POST /webhook: what is believed, what is kept, what is queued."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.store.upgrade import downgrade, upgrade
from handlers.app import create_app
from handlers.webhook import MAX_BODY_BYTES
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_headers, make_installation_body, make_settings

BODY = make_installation_body(7, "acme/shop")


def test_a_signed_delivery_is_kept_and_queued(client: TestClient, parts: Parts) -> None:
    answer = client.post("/webhook", content=BODY, headers=make_headers(BODY, "installation", "d-1"))
    assert answer.status_code == 202
    delivery = parts.store.get_delivery("d-1")
    assert (delivery.event, delivery.action, delivery.installation_id) == ("installation", "created", 7)
    assert (delivery.payload, delivery.state) == (BODY, "queued")
    assert parts.queue.list_jobs("deliveries") == ("delivery-d-1-0",)


def test_a_redelivery_does_nothing_twice(client: TestClient, parts: Parts) -> None:
    headers = make_headers(BODY, "installation", "d-1")
    assert [client.post("/webhook", content=BODY, headers=headers).status_code for _ in range(2)] == [202, 200]
    assert len(parts.queue.list_jobs("deliveries")) == 1


def test_a_delivery_that_nobody_handles_is_not_kept(client: TestClient, parts: Parts) -> None:
    for event, action in [("star", "created"), ("issues", "pinned"), ("issues", None), ("create", None)]:
        body = json.dumps({"action": action}).encode()
        answer = client.post("/webhook", content=body, headers=make_headers(body, event))
        assert (answer.status_code, answer.content) == (204, b"")
    assert parts.store.list_deliveries() == ()


@pytest.mark.parametrize(
    ("changes", "body", "status"),
    [
        pytest.param({"X-Hub-Signature-256": None}, BODY, 401, id="no signature"),
        pytest.param({"X-Hub-Signature-256": "sha256="}, BODY, 401, id="empty signature"),
        pytest.param({"X-Hub-Signature-256": "sha256=" + "0" * 64}, BODY, 401, id="wrong signature"),
        pytest.param({"X-Hub-Signature-256": "sha256=h\u00e9"}, BODY, 401, id="signature that is not ASCII"),
        pytest.param({"X-GitHub-Event": None}, BODY, 400, id="no event"),
        pytest.param({"X-GitHub-Delivery": None}, BODY, 400, id="no delivery id"),
        pytest.param({"X-GitHub-Delivery": "../../etc"}, BODY, 400, id="delivery id of another shape"),
        pytest.param({}, b"", 400, id="empty body"),
        pytest.param({}, b"{", 400, id="no JSON"),
        pytest.param({}, b"[]", 400, id="no object"),
        pytest.param({}, b"payload=%7B%7D", 400, id="a form"),
        pytest.param({}, b"\xff\xfe", 400, id="not UTF-8"),
        pytest.param({}, b"[" * 100_000, 400, id="nested too deep"),
        pytest.param({}, b'{"a": ' + b"9" * 10_000 + b"}", 400, id="a number too long for Python"),
    ],
)
def test_what_is_no_delivery_is_refused(
    client: TestClient, parts: Parts, changes: dict[str, str | None], body: bytes, status: int
) -> None:
    headers = {name: value for name, value in {**make_headers(body, "installation"), **changes}.items() if value}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    assert client.post("/webhook", content=body, headers=encoded).status_code == status
    assert parts.store.list_deliveries() == ()


def test_the_signature_comes_before_everything_else(client: TestClient) -> None:
    assert client.post("/webhook", content=b"{").status_code == 401


def test_a_secret_of_another_is_refused(client: TestClient) -> None:
    headers = make_headers(BODY, "installation", secret="another secret")
    assert client.post("/webhook", content=BODY, headers=headers).status_code == 401


def test_fields_of_another_kind_are_not_believed(client: TestClient, parts: Parts) -> None:
    body = json.dumps(
        {"action": "created", "installation": {"id": 2**70}, "repository": {"full_name": "a\0b"}}
    ).encode()
    assert client.post("/webhook", content=body, headers=make_headers(body, "installation", "d-1")).status_code == 202
    delivery = parts.store.get_delivery("d-1")
    assert (delivery.installation_id, delivery.repository) == (None, None)
    for action in (["created"], {"a": 1}, 5):
        body = json.dumps({"action": action}).encode()
        assert client.post("/webhook", content=body, headers=make_headers(body, "installation")).status_code == 204


def test_the_limit_is_that_of_github(client: TestClient) -> None:
    start, end = b'{"action": "created", "installation": {}, "filler": "', b'"}'
    filler = start + b"x" * (MAX_BODY_BYTES - len(start + end)) + end
    assert len(filler) == MAX_BODY_BYTES
    assert client.post("/webhook", content=filler, headers=make_headers(filler, "installation")).status_code == 202
    over = filler + b" "
    assert client.post("/webhook", content=over, headers=make_headers(over, "installation")).status_code == 413


def test_a_body_that_does_not_say_its_length_is_limited_too(client: TestClient) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(27):
            yield b"x" * 1024 * 1024

    assert client.post("/webhook", content=stream(), headers=make_headers(b"", "installation")).status_code == 413


def test_the_webhook_is_only_posted_to(client: TestClient) -> None:
    assert client.get("/webhook").status_code == 405


def test_a_delivery_that_cannot_be_kept_is_not_accepted(client: TestClient, parts: Parts) -> None:
    downgrade(parts.store.engine, "base")
    answer = client.post("/webhook", content=BODY, headers=make_headers(BODY, "installation", "d-1"))
    assert answer.status_code == 503
    assert parts.queue.list_jobs("deliveries") == ()


def test_a_delivery_is_kept_while_the_queue_is_down(tmp_path: Path) -> None:
    parts = make_parts(make_settings(tmp_path, f"unix://{tmp_path}/no-such.sock"))
    upgrade(parts.store.engine)
    with TestClient(create_app(parts)) as client:
        answer = client.post("/webhook", content=BODY, headers=make_headers(BODY, "installation", "d-1"))
    assert answer.status_code == 202
    assert parts.store.get_delivery("d-1").state == "accepted"
    assert [delivery.id for delivery in parts.store.list_unqueued_deliveries(0)] == ["d-1"]
