"""A push to the default branch, from the delivery to the queue of drift checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.config import CONFIG_PATH
from handlers.dispatch import dispatch
from jobs.parts import Parts
from tests.handlers.github import GitHubServer
from tests.handlers.test_issues import github, parts, private_key  # noqa: F401 (fixtures)

COMMIT = "c" * 40
LIVE = b"drift: {environments: [production]}"
Push = Callable[..., str]


@pytest.fixture
def push(parts: Parts) -> Push:  # noqa: F811
    """Takes a push through its handler; returns the delivery's state."""
    count = 0

    def do(*paths: str, **changes: Any) -> str:
        nonlocal count
        count += 1
        payload = {
            "ref": "refs/heads/main",
            "after": COMMIT,
            "forced": False,
            "repository": {"full_name": "acme/shop", "default_branch": "main"},
            "installation": {"id": 7},
            "commits": [{"added": [], "modified": list(paths), "removed": []}],
        }
        body = json.dumps({**payload, **changes}).encode()
        parts.store.record_delivery(f"d-{count}", "push", None, 7, body, "acme/shop")
        dispatch(parts, f"d-{count}")
        return parts.store.get_delivery(f"d-{count}").state

    return do


@pytest.mark.parametrize(
    "path",
    [
        "app/models.py",
        "src/shop/models/order.py",
        "migrations/versions/a1_first.py",
        "alembic/env.py",
        "specs/7-loyalty.yml",
        "sql/views.sql",
        "shop/db/base.py",
        "app/order_models.py",
    ],
)
def test_what_may_change_the_schema_is_checked(path: str, push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = LIVE
    assert push("README.md", path) == "done"
    assert parts.queue.list_jobs("checks") == ("check-1-0",)
    assert parts.store.get_drift_check(1).cause == f"push {COMMIT}"


@pytest.mark.parametrize(
    ("paths", "changes"),
    [
        (("README.md", "app/views.py"), {}),
        (("app/models.py",), {"ref": "refs/heads/work"}),
        (("app/models.py",), {"ref": "refs/tags/main"}),
        (("app/models.py",), {"after": "0" * 40}),
    ],
)
def test_what_does_not_is_not(
    paths: tuple[str, ...],
    changes: dict[str, Any],
    push: Push,
    parts: Parts,  # noqa: F811
    github: GitHubServer,  # noqa: F811
) -> None:
    github.files[CONFIG_PATH] = LIVE
    assert push(*paths, **changes) == "done"
    assert parts.queue.list_jobs("checks") == ()


def test_a_push_that_does_not_say_what_it_touches_is_checked(push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = LIVE
    push("README.md", forced=True)
    assert parts.queue.list_jobs("checks") == ("check-1-0",)


def test_the_place_of_models_in_the_config_counts(push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = LIVE + b"\nmodels: shop/things"
    push("shop/things.py")
    assert parts.queue.list_jobs("checks") == ()
    push("shop/things/a.py")
    assert parts.queue.list_jobs("checks") == ("check-1-0",)


def test_many_pushes_are_one_check(push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = LIVE
    for letter in "abc":
        push("app/models.py", after=letter * 40)
    assert parts.queue.list_jobs("checks") == ("check-1-0",)


@pytest.mark.parametrize("config", [b"", b"drift: 7"])
def test_who_has_asked_for_no_checks_gets_none(config: bytes, push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = config
    assert push("app/models.py") == "done"
    assert parts.queue.list_jobs("checks") == ()


def test_a_schedule_holds_from_its_push_on(push: Push, parts: Parts, github: GitHubServer) -> None:  # noqa: F811
    github.files[CONFIG_PATH] = b"drift: {schedule: {cron: '0 * * * *'}}"
    push(CONFIG_PATH)
    (schedule,) = parts.store.list_due_schedules(datetime.now(UTC) + timedelta(hours=2))
    assert (schedule.repository, schedule.cron) == ("acme/shop", "0 * * * *")


def test_a_payload_that_lacks_a_field(push: Push) -> None:
    assert push("app/models.py", repository={}) == "failed"
