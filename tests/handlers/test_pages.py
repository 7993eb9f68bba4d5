"""Health, readiness, and the pages that people see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.store import NewRun
from bot.store.upgrade import upgrade
from handlers.app import create_app
from jobs.links import render_run_url
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_settings

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def run_id(parts: Parts) -> int:
    parts.store.record_delivery("d-1", "issues", "labeled", 7, b"{}", "acme/shop")
    new = NewRun("acme/shop", 7, 12, "d-1", "alice", 1, HOSTILE, "the body", "specwright")
    run, _ = parts.store.ensure_run(new)
    parts.store.start_step(run.id, "checkout")
    parts.store.fail_step(run.id, "checkout", f"no such branch {HOSTILE}")
    return run.id


def read_path(parts: Parts, run_id: int) -> str:
    return render_run_url(parts.settings, run_id).removeprefix(parts.settings.public_url)


def test_the_server_is_healthy_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "queue": "ok", "git": "ok", "sandbox": "ok"}


def test_what_is_not_ready_is_named_and_no_more(tmp_path: Path) -> None:
    parts = make_parts(make_settings(tmp_path, f"unix://{tmp_path}/no-such.sock"))
    upgrade(parts.store.engine)
    with TestClient(create_app(parts)) as client:
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["queue"] == "not ready"
    assert "no-such.sock" not in answer.text


def test_the_first_page_says_what_this_is(client: TestClient) -> None:
    answer = client.get("/")
    assert "<code>specwright</code>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_run_is_shown_to_who_has_the_link(client: TestClient, parts: Parts, run_id: int) -> None:
    parts.store.set_run_facts(run_id, base_branch="main", base_commit="c" * 40, branch="specwright/12-x")
    parts.store.ensure_pull_request(run_id, "acme/shop", 5, "https://github.test/acme/shop/pull/5", "b", "s")
    text = client.get(read_path(parts, run_id)).text
    for shown in ("acme/shop#12", "alice", "specwright/12-x", "cccccccccccc", "no such branch", "/pull/5"):
        assert shown in text


def test_without_the_link_a_run_tells_nothing_of_the_repository(client: TestClient, run_id: int) -> None:
    for path in (f"/runs/{run_id}", f"/runs/{run_id}?key=", f"/runs/{run_id}?key=" + "0" * 32, f"/runs/{run_id}?key=é"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "checkout" in answer.text
        assert not re.search("acme|shop|alice|alert|branch", answer.text)


def test_a_key_is_for_one_run(client: TestClient, parts: Parts, run_id: int) -> None:
    key = read_path(parts, run_id + 1).partition("?")[2]
    assert "acme" not in client.get(f"/runs/{run_id}?{key}").text


def test_what_comes_from_outside_is_escaped(client: TestClient, parts: Parts, run_id: int) -> None:
    text = client.get(read_path(parts, run_id)).text
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 2


def test_a_run_that_goes_on_is_looked_at_again(client: TestClient, parts: Parts, run_id: int) -> None:
    assert client.get(read_path(parts, run_id)).headers["refresh"]
    parts.store.finish_run(run_id, "failed", "it did not work")
    answer = client.get(read_path(parts, run_id))
    assert "refresh" not in answer.headers
    assert "it did not work" in answer.text


def test_an_unknown_run_is_not_found(client: TestClient) -> None:
    assert client.get("/runs/404").status_code == 404
    assert client.get("/runs/x").status_code == 404
    assert client.get(f"/runs/{10**30}").status_code == 404


@pytest.mark.parametrize("name", ["varchar-255", "varchar-255.md", "README.md"])
def test_a_rule_of_the_lint_has_its_page(client: TestClient, name: str) -> None:
    answer = client.get(f"/rules/{name}")
    assert answer.status_code == 200
    assert "varchar-255" in answer.text


@pytest.mark.parametrize("name", ["no-such-rule", "..%2Farchitecture", "%2e%2e", HOSTILE.replace("/", "%2F")])
def test_what_is_no_rule_has_none(client: TestClient, name: str) -> None:
    answer = client.get(f"/rules/{name}")
    assert answer.status_code == 404
    assert "alert" not in answer.text
