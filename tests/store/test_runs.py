"""Runs: one per delivery, one active per issue, one worker at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.store import Store
from bot.store.runs import NewRun, UnknownRun

NEW = NewRun("acme/shop", 7, 12, "d-1", "alice", 1, "Loyalty", "text")
HOUR = 3600.0


def make_run(store: Store, delivery: str = "d-1", **changes: object) -> int:
    store.deliveries.record(
        delivery, event="issues", action="labeled", installation_id=7, repository="acme/shop", payload=b"{}"
    )
    run, _ = store.runs.ensure(replace(NEW, delivery_id=delivery, **changes))  # type: ignore[arg-type]
    return run.id


def test_the_same_delivery_makes_one_run(store: Store) -> None:
    assert make_run(store) == make_run(store)


def test_an_issue_has_one_active_run(store: Store) -> None:
    first = make_run(store, "d-1")
    assert make_run(store, "d-2") == first
    store.runs.finish(first, "finished", "done")
    assert make_run(store, "d-3") != first


def test_of_many_workers_one_gets_the_run(store: Store) -> None:
    run_id = make_run(store)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: store.runs.claim(run_id, f"worker-{n}", HOUR, limit=9), range(4)))
    assert sum(claim is not None for claim in claims) == 1


def test_a_lease_that_has_ended_is_taken_over(store: Store) -> None:
    run_id = make_run(store)
    assert store.runs.claim(run_id, "dead", 0, limit=1)
    assert [run.id for run in store.runs.list_lost(HOUR)] == [run_id]
    taken = store.runs.claim(run_id, "alive", HOUR, limit=1)
    assert taken is not None
    assert taken.attempts == 2
    assert not store.runs.renew(run_id, "dead", HOUR)
    assert store.runs.renew(run_id, "alive", HOUR)
    assert store.runs.list_lost(HOUR) == []


def test_a_repository_has_a_limit_of_runs_at_a_time(store: Store) -> None:
    first, second = make_run(store, "d-1"), make_run(store, "d-2", issue=13)
    elsewhere = make_run(store, "d-3", repository="acme/other")
    assert store.runs.claim(first, "a", HOUR, limit=1)
    assert store.runs.claim(second, "b", HOUR, limit=1) is None
    assert store.runs.claim(elsewhere, "c", HOUR, limit=1)
    store.runs.finish(first, "finished", "")
    assert store.runs.claim(second, "b", HOUR, limit=1)


def test_a_cancelled_run_keeps_its_first_reason(store: Store) -> None:
    run_id = make_run(store)
    assert store.runs.request_cancel(run_id, "label removed")
    assert not store.runs.request_cancel(run_id, "issue closed")
    assert store.runs.get(run_id).cancel_reason == "label removed"


def test_an_end_is_final(store: Store) -> None:
    run_id = make_run(store)
    store.runs.finish(run_id, "draft", "two gates failed")
    store.runs.finish(run_id, "failed", "late")
    assert (store.runs.get(run_id).status, store.runs.get(run_id).detail) == ("draft", "two gates failed")
    assert store.runs.claim(run_id, "late", HOUR, limit=1) is None


def test_notices_are_kept_once(store: Store) -> None:
    run_id = make_run(store)
    store.runs.add_notice(run_id, "edited")
    store.runs.add_notice(run_id, "edited")
    assert store.runs.get(run_id).notices == ("edited",)


def test_an_unknown_run_says_so(store: Store) -> None:
    with pytest.raises(UnknownRun, match="no run 404"):
        store.runs.get(404)


def test_steps_keep_what_they_produced(store: Store) -> None:
    run_id = make_run(store)
    store.steps.start(run_id, "checkout")
    store.steps.fail(run_id, "checkout", "network")
    assert store.steps.start(run_id, "checkout").attempts == 2
    store.steps.finish(run_id, "checkout", {"base_commit": "abc"})
    (step,) = store.steps.list(run_id)
    assert (step.state, step.output, step.error) == ("finished", {"base_commit": "abc"}, None)
