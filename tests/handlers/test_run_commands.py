"""The commands that start, end and explain runs, through real webhooks, allowed and refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.implement import changeset
from bot.migration import deploy_order, lint_result, proof_codec
from bot.pull_request.level import FULL
from bot.pull_request.migration_sections import render_rollback
from bot.store import Run
from tests.handlers.steering import READER, STRANGER, WRITER, Steering, create_repository, open_steering
from tests.playground.git_client import clone
from tests.pull_request.reports import make_draft, make_lossy

Open = Callable[..., Steering]
REVISION = "3f1c9a7e5b20"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[Steering]:
    redis.Redis.from_url(redis_url).flushall()
    with open_steering(tmp_path_factory.mktemp("steering"), redis_url) as opened:
        yield opened


@pytest.fixture
def steering(running: Steering, tmp_path: Path) -> Steering:
    create_repository(running, tmp_path / "source", f"shop-{uuid.uuid4().hex[:8]}")
    return running


def get_run(steering: Steering, issue: int) -> Run:
    run = steering.parts.store.find_latest_run(steering.repository, issue)
    assert run is not None
    return run


def deliver(steering: Steering, directory: Path, *, lossy: bool = False) -> int:
    """A run that went its whole way, as far as commands see; the number of its pull request."""
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    run, report = get_run(steering, issue), make_lossy() if lossy else make_draft()
    token = steering.playground.create_account(WRITER)["token"]
    copy = clone(steering.playground.site.url, steering.repository, directory / "clone", WRITER, token)
    head = copy.commit("specwright/1-loyalty", {"a.txt": "a\n"})
    copy.push("specwright/1-loyalty")
    github = steering.parts.open_github(run.installation_id)
    pull = github.ensure_pull_request(steering.repository, "specwright/1-loyalty", "main", "T", "B", False)
    outputs: dict[str, dict[str, Any]] = {
        "schema": {"revisions": [deploy_order.to_json(item) for item in report.revisions]},
        "logic": {"changeset": changeset.to_json(report.changeset)},
        "gates": {
            "proof": None if report.proof is None else proof_codec.to_json(report.proof),
            "lint": None if report.lint is None else lint_result.to_json(report.lint),
        },
        "deliver": {"rollback": render_rollback(report.migration, FULL)},
    }
    for name, output in outputs.items():
        steering.parts.store.start_step(run.id, name)
        steering.parts.store.finish_step(run.id, name, output)
    facts = (steering.repository, pull.number, pull.html_url, "specwright/1-loyalty", head)
    steering.parts.store.ensure_pull_request(run.id, *facts)
    steering.parts.store.finish_run(run.id, "finished")
    steering.handle()
    return pull.number


def test_implement_starts_a_run_of_the_text_as_it_was(steering: Steering) -> None:
    issue = steering.open_issue(body="the spec")
    steering.playground.add_comment(steering.repository, issue, WRITER, "/implement")
    assert steering.playground.wait_for_deliveries()["done"]
    steering.playground.edit_issue(steering.repository, issue, WRITER, body="another")
    steering.handle()
    run = get_run(steering, issue)
    assert (run.status, run.body, run.actor, run.label) == ("queued", "the spec", WRITER, "specwright")
    assert f"run-{run.id}-0" in steering.parts.queue.list_jobs("runs")
    (decision,) = steering.list_decisions()
    assert decision.outcome == "queued"


def test_implement_is_acknowledged_and_the_run_reacts_when_it_ends(steering: Steering) -> None:
    issue = steering.open_issue()
    found = steering.comment(issue, "/implement")
    assert (found.answers, found.reactions) == ([], ["eyes"])
    decisions = steering.parts.store.list_comments_of_delivery(get_run(steering, issue).delivery_id)
    assert decisions == (found.id,)


def test_implement_twice_says_that_one_is_under_way_and_starts_again_after_its_end(steering: Steering) -> None:
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    again = steering.comment(issue, "/implement")
    assert "A run is under way; `/cancel` ends it." in again.answer
    assert again.reactions == ["eyes", "confused"]
    first = get_run(steering, issue)
    steering.parts.store.finish_run(first.id, "failed")
    assert steering.comment(issue, "/implement").answers == []
    assert get_run(steering, issue).id != first.id


def test_implement_of_a_closed_issue_is_refused(steering: Steering) -> None:
    issue = steering.open_issue()
    steering.playground.set_state(steering.repository, issue, WRITER, "closed")
    assert "The issue is closed" in steering.comment(issue, "/implement").answer


@pytest.mark.parametrize("login", [READER, STRANGER])
@pytest.mark.parametrize("command", ["/implement", "/cancel", "/status", "/rollback", "/explain a.py"])
def test_who_may_not_write_starts_and_learns_nothing(steering: Steering, login: str, command: str) -> None:
    issue = steering.open_issue()
    found = steering.comment(issue, command, by=login)
    assert (found.answers, found.reactions) == ([], [])
    assert steering.parts.store.find_latest_run(steering.repository, issue) is None
    assert [item.allowed for item in steering.list_decisions()] == [False]


@pytest.mark.parametrize("command", ["/cancel", "/status", "/rollback", "/explain a.py"])
def test_commands_of_other_places_say_where_they_belong(steering: Steering, command: str) -> None:
    found = steering.comment(steering.open_issue(), command)
    assert "It can be used on: " in found.answer
    assert found.reactions == ["eyes", "confused"]


def test_status_says_how_far_it_is(steering: Steering) -> None:
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    assert "The newest run waits for a worker: 0 steps finished." in steering.comment(issue, "/status").answer
    run = get_run(steering, issue)
    steering.parts.store.start_step(run.id, "checkout")
    steering.parts.store.request_cancel(run.id, "enough")
    assert "`checkout` under way. It is about to end." in steering.comment(issue, "/status").answer


def test_cancel_ends_the_run(steering: Steering) -> None:
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    found = steering.comment(issue, "/cancel")
    assert found.reactions == ["eyes", "rocket"]
    assert get_run(steering, issue).cancel_reason == f"{WRITER} asked for it"
    steering.parts.store.finish_run(get_run(steering, issue).id, "cancelled")
    assert "No run is under way." in steering.comment(issue, "/cancel").answer


def test_cancel_and_implement_in_one_comment(steering: Steering) -> None:
    issue = steering.open_issue()
    steering.comment(issue, "/implement")
    steering.parts.store.finish_run(get_run(steering, issue).id, "asked")
    steering.comment(issue, "/cancel\n/implement")
    assert get_run(steering, issue).status == "queued"
    assert [item.outcome for item in steering.list_decisions()] == ["queued", "done", "queued"]


def test_rollback_tells_commands_sql_and_what_is_lost(steering: Steering, tmp_path: Path) -> None:
    pull = deliver(steering, tmp_path, lossy=True)
    found = steering.comment(pull, "/rollback")
    for words in ("alembic downgrade", "**Lost after the way up and down:**", "```sql", "git revert"):
        assert words in found.answer
    assert "Commits were pushed" not in found.answer
    assert found.reactions == ["eyes", "rocket"]


def test_rollback_says_when_something_else_stands_there_now(steering: Steering, tmp_path: Path) -> None:
    pull = deliver(steering, tmp_path)
    record = steering.parts.store.find_pull_request_by_number(steering.repository, pull)
    assert record is not None
    facts = (record.repository, record.number, record.url, record.branch, "0" * 40)
    steering.parts.store.ensure_pull_request(record.run_id, *facts)
    assert "**Commits were pushed since this was proved:**" in steering.comment(pull, "/rollback").answer


def test_explain_a_revision_and_a_file(steering: Steering, tmp_path: Path) -> None:
    pull = deliver(steering, tmp_path)
    report = make_draft()
    file = report.changeset.files[0]
    assert f"`{file}`" in steering.comment(pull, f"/explain {file}").answer
    assert "is no file or revision of this pull request" in steering.comment(pull, "/explain ../secrets").answer
    assert "**Usage:** `/explain <path or revision>`" in steering.comment(pull, "/explain").answer
    for revision in report.revisions:
        assert f"### Revision `{revision.revision}`" in steering.comment(pull, f"/explain {revision.revision}").answer


def test_status_and_cancel_on_the_pull_request_are_about_its_issue(steering: Steering, tmp_path: Path) -> None:
    pull = deliver(steering, tmp_path)
    assert "The newest run is done" in steering.comment(pull, "/status").answer
    assert "No run is under way." in steering.comment(pull, "/cancel").answer
