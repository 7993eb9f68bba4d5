"""What may be taken up again, and what that allows. The whole way is in tests/end_to_end/test_engineer.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.implement.claude.usage import Usage, to_json
from bot.store import RunStatus
from bot.store.upgrade import upgrade
from jobs.continuation import NoLimitReached, NothingWaits, approve_plan, continue_run, get_limits, has_pushed
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_settings
from tests.store.runs import make_run

STEPS = ("checkout", "analyse", "logic", "gates", "deliver")


@pytest.fixture
def parts(tmp_path: Path, redis_url: str) -> Iterator[Parts]:
    made = make_parts(make_settings(tmp_path, redis_url, budget_cost_usd=10, budget_turns=2))
    upgrade(made.store.engine)
    yield made
    made.close()


def end_run(parts: Parts, status: RunStatus, turns: int, delivery_id: str = "d-1") -> int:
    """A run that ended so after that many answers of the model."""
    run_id = make_run(parts.store, delivery_id)
    for step in STEPS:
        parts.store.start_step(run_id, step)
        parts.store.finish_step(run_id, step, {"config": "budget: {cost_usd: 4}"})
    for number in range(1, turns + 1):
        content = {"content": [], "usage": to_json(Usage(input=1)), "model": "claude-opus-5-5"}
        parts.store.add_entry(run_id, number, "plan", "reply", content)
    parts.store.set_run_facts(run_id, head_commit="a" * 40)
    parts.store.finish_run(run_id, status)
    return run_id


def read_limits(parts: Parts, run_id: int) -> tuple[int, float]:
    from bot.config import parse_repository_config

    limits = get_limits(parts.settings, parse_repository_config("budget: {cost_usd: 4}"), parts.store, run_id)
    return limits.turns, limits.cost_usd


@pytest.mark.parametrize(("wanted", "turns", "cost_usd"), [(None, 4, 8.0), (1.5, 4, 5.5), (99.0, 4, 14.0)])
def test_a_run_at_its_limit_goes_on_with_more(parts: Parts, wanted: float | None, turns: int, cost_usd: float) -> None:
    run_id = end_run(parts, "draft", turns=2)
    assert read_limits(parts, run_id) == (2, 4.0)
    run = continue_run(parts, run_id, "ada", wanted)
    assert (run.status, run.ended, read_limits(parts, run_id)) == ("queued", None, (turns, cost_usd))
    assert [step.name for step in parts.store.list_steps(run_id)] == ["checkout", "analyse"]
    assert f"run-{run_id}-0" in parts.queue.list_jobs("runs")
    assert has_pushed(parts.store, run_id, "a" * 40)
    assert not has_pushed(parts.store, run_id, "b" * 40)
    with pytest.raises(NothingWaits):
        continue_run(parts, run_id, "ada")


def test_more_money_is_for_runs_at_a_limit(parts: Parts) -> None:
    with pytest.raises(NoLimitReached):
        continue_run(parts, end_run(parts, "draft", turns=1), "ada")


def test_a_plan_is_approved_once(parts: Parts) -> None:
    run_id = end_run(parts, "asked", turns=1)
    assert approve_plan(parts, run_id, "ada").status == "queued"
    parts.store.finish_run(run_id, "asked")  # it asks something else
    with pytest.raises(NothingWaits):
        approve_plan(parts, run_id, "ada")


@pytest.mark.parametrize("status", ["finished", "failed", "cancelled", "refused", "draft"])
def test_only_what_waits_is_approved(parts: Parts, status: RunStatus) -> None:
    with pytest.raises(NothingWaits):
        approve_plan(parts, end_run(parts, status, turns=1), "ada")


def test_questions_are_no_plan(parts: Parts) -> None:
    with pytest.raises(NothingWaits):
        approve_plan(parts, end_run(parts, "asked", turns=0), "ada")


def test_only_the_newest_run_of_an_issue_is_taken_up(parts: Parts) -> None:
    old = end_run(parts, "asked", turns=1)
    end_run(parts, "failed", turns=2, delivery_id="d-2")
    with pytest.raises(NothingWaits):
        approve_plan(parts, old, "ada")
