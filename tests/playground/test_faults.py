"""Faults hit the requests that fit, as often as was said, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.playground.world import REPO, World

ISSUES = f"/repos/{REPO}/issues"


@pytest.fixture(autouse=True)
def no_faults(world: World) -> Iterator[None]:
    yield
    world.playground.clear_faults()


def test_server_error_does_nothing(world: World) -> None:
    token = world.make_token()
    world.playground.add_fault("server_error", times=2, method="POST", path="/issues$", status=503)
    before = len(world.call("GET", ISSUES, token).json())
    answers = [world.call("POST", ISSUES, token, json={"title": "T"}).status_code for _ in range(3)]
    assert answers == [503, 503, 201]
    assert len(world.call("GET", ISSUES, token).json()) == before + 1


def test_lost_answer_does_the_work(world: World) -> None:
    token = world.make_token()
    before = len(world.call("GET", ISSUES, token).json())
    world.playground.add_fault("lost_answer", method="POST", path="/issues$")
    with pytest.raises(httpx.RemoteProtocolError):
        world.call("POST", ISSUES, token, json={"title": "Lost"})
    assert len(world.call("GET", ISSUES, token).json()) == before + 1


def test_primary_rate_limit(world: World) -> None:
    world.playground.add_fault("primary_rate_limit", seconds=30)
    answer = world.call("GET", "/rate_limit")
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (403, "0")
    assert "retry-after" not in answer.headers
    assert 0 < int(answer.headers["x-ratelimit-reset"]) - time.time() <= 30
    assert world.call("GET", "/rate_limit").status_code == 200


def test_secondary_rate_limit(world: World) -> None:
    world.playground.add_fault("secondary_rate_limit", seconds=7, status=429)
    answer = world.call("GET", "/rate_limit")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert "secondary rate limit" in answer.json()["message"]
    assert int(answer.headers["x-ratelimit-remaining"]) > 0


def test_pages_and_git_have_no_faults(world: World) -> None:
    world.playground.add_fault("server_error", times=5)
    assert httpx.get(world.url).status_code == 200
