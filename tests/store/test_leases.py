"""Leases: one worker at a time, taken over when it is silent, limited per repository."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.store import Store
from tests.store.runs import make_run

HOUR = 3600.0


def list_stuck(store: Store, queued_for_seconds: float = HOUR) -> list[int]:
    return [run.id for run in store.list_stuck_runs(queued_for_seconds)]


def test_of_many_workers_one_gets_the_run(store: Store) -> None:
    run_id = make_run(store)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: store.claim_run(run_id, f"worker-{n}", HOUR), range(8)))
    assert sum(claim is not None for claim in claims) == 1
    assert store.get_run(run_id).attempts == 1


def test_a_lease_that_has_ended_is_taken_over(store: Store) -> None:
    run_id = make_run(store)
    assert store.claim_run(run_id, "dead", 0)
    assert list_stuck(store) == [run_id]
    taken = store.claim_run(run_id, "alive", HOUR)
    assert taken is not None
    assert (taken.attempts, taken.lease_owner, taken.status) == (2, "alive", "running")
    assert not store.renew_lease(run_id, "dead", HOUR)
    assert store.renew_lease(run_id, "alive", HOUR)
    assert list_stuck(store) == []


def test_a_lease_that_is_given_back_is_free_at_once(store: Store) -> None:
    run_id = make_run(store)
    assert store.claim_run(run_id, "a", HOUR)
    assert not store.release_lease(run_id, "b")
    assert store.release_lease(run_id, "a")
    assert list_stuck(store) == [run_id]
    assert store.claim_run(run_id, "b", HOUR)


def test_a_run_that_is_queued_for_long_is_stuck(store: Store) -> None:
    run_id = make_run(store)
    assert list_stuck(store, HOUR) == []
    assert list_stuck(store, 0) == [run_id]


def test_a_repository_has_a_limit_of_runs_at_a_time(store: Store) -> None:
    first, second = make_run(store, "d-1"), make_run(store, "d-2", issue=13)
    elsewhere = make_run(store, "d-3", repository="acme/other")
    assert store.claim_run(first, "a", HOUR)
    assert store.claim_run(second, "b", HOUR) is None
    assert store.claim_run(elsewhere, "c", HOUR)
    store.finish_run(first, "finished")
    assert store.claim_run(second, "b", HOUR)


def test_a_killed_worker_frees_its_place_in_the_limit(store: Store) -> None:
    killed, other = make_run(store, "d-1"), make_run(store, "d-2", issue=13)
    assert store.claim_run(killed, "killed", 0)
    assert store.claim_run(other, "b", HOUR)


def test_the_limit_holds_when_many_claim_at_once(store: Store) -> None:
    runs = [make_run(store, f"d-{n}", issue=n) for n in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda run_id: store.claim_run(run_id, f"worker-{run_id}", HOUR), runs))
    assert sum(claim is not None for claim in claims) == 1


def test_a_run_that_has_ended_renews_nothing(store: Store) -> None:
    run_id = make_run(store)
    assert store.claim_run(run_id, "a", HOUR)
    store.finish_run(run_id, "finished")
    assert not store.renew_lease(run_id, "a", HOUR)
