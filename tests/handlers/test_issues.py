"""The events of an issue, from the delivery to what GitHub and the queue see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.config import CONFIG_PATH
from bot.github.connection import Patience
from bot.store import Run
from bot.store.upgrade import upgrade
from handlers.cli.local.keys import write_key_pair
from handlers.dispatch import dispatch
from jobs.parts import Parts, make_parts
from tests.handlers.github import GitHubServer, serve
from tests.handlers.payloads import ISSUE, LOGIN, REPOSITORY, make_issue_payload
from tests.handlers.settings import make_settings

Deliver = Callable[..., str]


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    server = GitHubServer(permissions={LOGIN: "write", "reader": "read"})
    with serve(server.create_app()) as server.url:
        yield server


@pytest.fixture(scope="module")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_key_pair(tmp_path_factory.mktemp("key"))[0].read_text()


@pytest.fixture
def parts(tmp_path: Path, empty_redis_url: str, github: GitHubServer, private_key: str) -> Iterator[Parts]:
    settings = make_settings(
        tmp_path, empty_redis_url, github_api_url=github.url, github_private_key=private_key, label="spec"
    )
    made = make_parts(settings)
    made.github.patience = Patience(backoff_seconds=0.01)
    upgrade(made.store.engine)
    yield made
    made.store.close()


@pytest.fixture
def deliver(parts: Parts) -> Deliver:
    """Takes an issue's event through its handler, as the worker does; returns the delivery's state."""
    count = 0

    def do(action: str, **changes: object) -> str:
        nonlocal count
        count += 1
        delivery_id = f"d-{count}"
        payload = make_issue_payload(action, **changes)  # type: ignore[arg-type]  # the tests give what it takes
        parts.store.record_delivery(delivery_id, "issues", action, 7, payload, REPOSITORY)
        parts.store.mark_delivery(delivery_id, "queued")
        dispatch(parts, delivery_id)
        return parts.store.get_delivery(delivery_id).state

    return do


def get_run(parts: Parts) -> Run:
    run = parts.store.find_latest_run(REPOSITORY, ISSUE)
    assert run is not None
    return run


def test_the_label_starts_a_run_with_the_text_of_the_delivery(
    parts: Parts, deliver: Deliver, github: GitHubServer
) -> None:
    assert deliver("labeled", label="spec", title="Loyalty", body="a\r\nb\0\ud800") == "done"
    run = get_run(parts)
    assert (run.status, run.title, run.body, run.actor, run.label) == (
        "queued",
        "Loyalty",
        "a\nb\N{REPLACEMENT CHARACTER}?",
        LOGIN,
        "spec",
    )
    assert parts.queue.list_jobs("runs") == (f"run-{run.id}-0",)
    assert github.reactions == {(ISSUE, "eyes")}
    assert github.comments == []


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"label": "bug"}, id="another label"),
        pytest.param({"label": "SPEC"}, id="the label in another case"),
        pytest.param({"label": None}, id="no label"),
        pytest.param({"label": "spec", "kind": "Bot"}, id="a bot"),
        pytest.param({"label": "spec", "sender": "other[bot]"}, id="an App"),
        pytest.param({"label": "spec", "state": "closed"}, id="a closed issue"),
    ],
)
def test_nothing_else_starts_a_run(
    parts: Parts, deliver: Deliver, github: GitHubServer, event: dict[str, object]
) -> None:
    assert deliver("labeled", **event) == "done"
    assert parts.store.list_runs() == ()
    assert (github.comments, github.reactions) == ([], set())


def test_a_repository_may_name_another_label(parts: Parts, deliver: Deliver, github: GitHubServer) -> None:
    github.files[CONFIG_PATH] = b"label: build this"
    deliver("labeled", label="spec")
    assert parts.store.list_runs() == ()
    deliver("labeled", label="build this")
    assert get_run(parts).label == "build this"


def test_a_config_that_cannot_be_read_leaves_the_label(parts: Parts, deliver: Deliver, github: GitHubServer) -> None:
    github.files[CONFIG_PATH] = b"label: [\xff"
    deliver("labeled", label="spec")
    assert get_run(parts).status == "queued"


@pytest.mark.parametrize("sender", ["reader", "stranger"])
def test_who_may_not_write_is_told_so_once(parts: Parts, deliver: Deliver, github: GitHubServer, sender: str) -> None:
    for _ in range(2):
        assert deliver("labeled", label="spec", sender=sender) == "done"
    assert parts.store.list_runs() == ()
    (comment,) = github.comments
    assert sender in comment["body"]
    assert github.reactions == set()


def test_a_second_label_does_not_start_a_second_run(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec")
    deliver("labeled", label="spec")
    assert len(parts.store.list_runs()) == 1
    assert get_run(parts).notices == ()


def test_an_edit_while_the_run_goes_is_noted_and_not_followed(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec", body="the spec")
    deliver("edited", body="another", sender="reader", changes=("body",))
    run = get_run(parts)
    assert (len(parts.store.list_runs()), run.body) == (1, "the spec")
    (notice,) = run.notices
    assert "reader" in notice


def test_an_edit_answers_the_questions_of_a_run(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec", body="the spec")
    first = get_run(parts)
    parts.store.finish_run(first.id, "asked", "a question")
    deliver("edited", body="the answer", changes=("body",))
    run = get_run(parts)
    assert (run.id != first.id, run.status, run.body) == (True, "queued", "the answer")
    assert f"run-{run.id}-0" in parts.queue.list_jobs("runs")


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("finished", {"changes": ("body",)}),
        ("asked", {"changes": ("milestone",)}),
        ("asked", {"changes": ("body",), "kind": "Bot"}),
        ("asked", {"changes": ("body",), "sender": "reader"}),
    ],
)
def test_no_other_edit_starts_a_run(parts: Parts, deliver: Deliver, status: str, event: dict[str, object]) -> None:
    deliver("labeled", label="spec")
    parts.store.finish_run(get_run(parts).id, status)  # type: ignore[arg-type]  # a status of the table above
    deliver("edited", body="another", **event)
    assert len(parts.store.list_runs()) == 1


def test_taking_the_label_off_cancels_the_run(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec")
    deliver("unlabeled", label="bug")
    assert get_run(parts).cancel_reason is None
    deliver("unlabeled", label="spec", sender="reader")
    assert get_run(parts).cancel_reason == "reader removed the label spec"


@pytest.mark.parametrize("action", ["closed", "deleted"])
def test_the_end_of_the_issue_cancels_the_run(parts: Parts, deliver: Deliver, action: str) -> None:
    deliver("labeled", label="spec")
    deliver(action, state="closed")
    assert get_run(parts).cancel_reason == f"{LOGIN} {action} the issue"


def test_a_run_that_waits_is_not_taken_up_after_it_was_cancelled(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec")
    parts.store.finish_run(get_run(parts).id, "asked")
    deliver("unlabeled", label="spec")
    deliver("edited", body="the answer", changes=("body",))
    assert [run.status for run in parts.store.list_runs()] == ["cancelled"]


def test_a_github_that_is_down_is_asked_again_later(parts: Parts, deliver: Deliver, github: GitHubServer) -> None:
    github.is_down = True
    assert deliver("labeled", label="spec") == "accepted"
    assert "503" in (parts.store.get_delivery("d-1").error or "")
    github.is_down = False
    dispatch(parts, "d-1")
    assert parts.store.get_delivery("d-1").state == "done"
    assert get_run(parts).status == "queued"


def test_a_run_of_a_locked_issue_starts_without_a_reaction(
    parts: Parts, deliver: Deliver, github: GitHubServer
) -> None:
    github.is_locked = True
    assert deliver("labeled", label="spec") == "done"
    assert len(parts.queue.list_jobs("runs")) == 1


def test_a_handled_delivery_is_not_handled_again(parts: Parts, deliver: Deliver) -> None:
    deliver("labeled", label="spec")
    parts.store.finish_run(get_run(parts).id, "finished")
    dispatch(parts, "d-1")
    assert len(parts.store.list_runs()) == 1


@pytest.mark.parametrize("payload", [b"{}", b'{"issue": 5}', b'{"issue": {"number": "x"}}'])
def test_a_payload_without_what_it_must_have_fails_and_says_why(parts: Parts, payload: bytes) -> None:
    parts.store.record_delivery("d-1", "issues", "labeled", 7, payload)
    dispatch(parts, "d-1")
    delivery = parts.store.get_delivery("d-1")
    assert delivery.state == "failed"
    assert (delivery.error or "").startswith("BadPayload: the issues event d-1 has")


def test_a_dry_run_reacts_to_nothing(parts: Parts, deliver: Deliver, github: GitHubServer) -> None:
    vars(parts)["settings"] = parts.settings.model_copy(update={"dry_run": True})
    deliver("labeled", label="spec")
    assert get_run(parts).status == "queued"
    assert github.reactions == set()


def test_a_repository_may_ask_for_a_dry_run(parts: Parts, deliver: Deliver, github: GitHubServer) -> None:
    github.files[CONFIG_PATH] = b"dry_run: true"
    deliver("labeled", label="spec")
    assert get_run(parts).status == "queued"
    assert github.reactions == set()
