"""/approve, /continue and /drift, through real webhooks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from bot.implement.claude.usage import Usage, to_json
from bot.store import Run, RunStatus
from tests.handlers.steering import READER, WRITER, Steering, create_repository, open_steering
from tests.playground.git_client import clone


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Steering]:
    redis.Redis.from_url(redis_url).flushall()
    with open_steering(tmp_path_factory.mktemp("resuming"), redis_url) as opened:
        yield opened


@pytest.fixture
def steering(running: Steering, tmp_path: Path) -> Steering:
    create_repository(running, tmp_path / "source", f"shop-{uuid.uuid4().hex[:8]}")
    return running


def end_run(steering: Steering, status: RunStatus, answers: int = 1) -> tuple[int, Run]:
    """An issue, and its run that ended so after that many answers of the model."""
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    store = steering.parts.store
    run = store.find_latest_run(steering.repository, issue)
    assert run is not None
    for number in range(1, answers + 1):
        content = {"content": [], "usage": to_json(Usage(input=1)), "model": "claude-opus-5-5"}
        store.add_entry(run.id, number, "plan", "reply", content)
    store.finish_run(run.id, status)
    return issue, run


def test_a_plan_that_waits_is_approved(steering: Steering) -> None:
    issue, run = end_run(steering, "asked")
    refused = steering.comment(issue, "/approve", by=READER)
    assert (refused.answers, refused.reactions) == ([], [])
    agreed = steering.comment(issue, "/approve")
    assert f"The run goes on as planned, as `{WRITER}` agreed." in agreed.answer
    assert agreed.reactions == ["eyes", "rocket"]
    assert steering.parts.store.get_run(run.id).status == "queued"
    assert f"run-{run.id}-0" in steering.parts.queue.list_jobs("runs")


def test_where_no_plan_waits_there_is_nothing_to_approve(steering: Steering) -> None:
    issue, _ = end_run(steering, "failed")
    found = steering.comment(issue, "/approve")
    assert "No plan waits for approval here." in found.answer
    assert found.reactions == ["eyes", "confused"]


@pytest.mark.parametrize("arguments", ["", " budget=2.50", " $3"])
def test_a_run_that_stopped_at_a_limit_goes_on(steering: Steering, arguments: str) -> None:
    issue, run = end_run(steering, "draft", answers=steering.parts.settings.budget_turns)
    found = steering.comment(issue, f"/continue{arguments}")
    assert f"The run goes on where it stopped, as `{WRITER}` asked." in found.answer
    assert steering.parts.store.get_run(run.id).status == "queued"


NOT_CONTINUED = {
    "not at a limit": ("draft", "", "The run did not stop at a limit"),
    "ended well": ("finished", "", "There is no run that stopped at a limit."),
    "no number": ("draft", " much", "it takes dollars, as in budget=5"),
    "nothing": ("draft", " budget=0", "it takes dollars, as in budget=5"),
    "below nothing": ("draft", " budget=-5", "it takes dollars, as in budget=5"),
}


@pytest.mark.parametrize("name", NOT_CONTINUED)
def test_what_cannot_be_continued_says_why(steering: Steering, name: str) -> None:
    status, arguments, words = NOT_CONTINUED[name]
    issue, run = end_run(steering, status)  # type: ignore[arg-type]  # a status
    found = steering.comment(issue, f"/continue{arguments}")
    assert words in found.answer
    assert found.reactions == ["eyes", "confused"]
    assert steering.parts.store.get_run(run.id).status == status


def test_a_closed_pull_request_is_not_continued(steering: Steering) -> None:
    issue, run = end_run(steering, "draft", answers=steering.parts.settings.budget_turns)
    pull = open_pull_request(steering, run)
    steering.playground.set_state(steering.repository, pull, WRITER, "closed")
    assert "The pull request is merged or closed." in steering.comment(issue, "/continue").answer


def open_pull_request(steering: Steering, run: Run) -> int:
    token = steering.playground.create_account(WRITER)["token"]
    folder = Path(steering.parts.settings.data_dir) / f"clone-{run.id}"
    copy = clone(steering.playground.site.url, steering.repository, folder, WRITER, token)
    head = copy.commit("specwright/1-loyalty", {"a.txt": "a\n"})
    copy.push("specwright/1-loyalty")
    github = steering.parts.open_github(run.installation_id)
    pull = github.ensure_pull_request(steering.repository, "specwright/1-loyalty", "main", "T", "B", False)
    facts = (steering.repository, pull.number, pull.html_url, "specwright/1-loyalty", head)
    steering.parts.store.ensure_pull_request(run.id, *facts)
    return pull.number


def test_drift_is_looked_for_once(steering: Steering) -> None:
    queued = set(steering.parts.queue.list_jobs("checks"))
    found = steering.comment(steering.open_issue(), "/drift")
    assert "The check is queued." in found.answer
    assert found.reactions == ["eyes", "rocket"]
    (job,) = set(steering.parts.queue.list_jobs("checks")) - queued
    check = steering.parts.store.get_drift_check(int(job.split("-")[1]))
    assert (check.repository, check.cause.partition(" ")[0]) == (steering.repository, "command")
    steering.comment(steering.open_issue(), "/drift")
    assert set(steering.parts.queue.list_jobs("checks")) - queued == {job}
    assert steering.comment(steering.open_issue(), "/drift now").reactions == ["eyes", "confused"]
