"""Drift checks: the same cause asks once, one waits, one is worked on, what was found is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store import DriftResult, Store, UnknownDriftCheck

HOUR = 3600.0
REPOSITORY = "acme/shop"


def ask(store: Store, cause: str = "at hand", repository: str = REPOSITORY) -> int:
    return store.ensure_drift_check(repository, 7, cause).id


def test_the_same_cause_asks_once(store: Store) -> None:
    first = ask(store, "push 1")
    assert store.claim_drift_check(first, "a", HOUR)
    assert store.finish_drift_check(first, "a", DriftResult("none"))
    assert ask(store, "push 1") == first
    assert ask(store, "push 2") != first


def test_one_check_waits_whatever_asks(store: Store) -> None:
    first = ask(store, "push 1")
    assert ask(store, "push 2") == first
    assert ask(store, "push 3", "acme/other") != first
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda n: ask(store, f"schedule {n}"), range(8))) == {first}


def test_one_check_of_a_repository_is_worked_on(store: Store) -> None:
    first = ask(store, "push 1")
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda n: store.claim_drift_check(first, f"worker-{n}", HOUR), range(8)))
    (claimed,) = [claim for claim in claims if claim is not None]
    second, elsewhere = ask(store, "push 2"), ask(store, "push 1", "acme/other")
    assert second != first
    assert store.claim_drift_check(second, "b", HOUR) is None
    assert store.claim_drift_check(elsewhere, "c", HOUR)
    assert store.finish_drift_check(first, claimed.lease_owner or "", DriftResult("none"))
    assert store.claim_drift_check(second, "b", HOUR)


def test_a_check_whose_worker_died_is_taken_over(store: Store) -> None:
    check_id = ask(store)
    assert store.claim_drift_check(check_id, "dead", 0)
    assert [check.id for check in store.list_stuck_drift_checks(HOUR)] == [check_id]
    taken = store.claim_drift_check(check_id, "alive", HOUR)
    assert taken is not None
    assert (taken.status, taken.attempts) == ("running", 2)
    assert not store.renew_drift_lease(check_id, "dead", HOUR)
    assert store.renew_drift_lease(check_id, "alive", HOUR)
    assert not store.finish_drift_check(check_id, "dead", DriftResult("none"))
    assert store.list_stuck_drift_checks() == ()


def test_a_check_that_waits_for_long_is_stuck(store: Store) -> None:
    check_id = ask(store)
    assert store.list_stuck_drift_checks(HOUR) == ()
    assert [check.id for check in store.list_stuck_drift_checks()] == [check_id]


def test_what_was_found_is_kept(store: Store) -> None:
    found = DriftResult("drift", None, "c" * 40, {"data": 2}, {"production": "f" * 64}, {"production/1": "2026-01-01"})
    for number, result in enumerate((DriftResult("could_not_check", "unreachable"), found)):
        check_id = ask(store, f"schedule {number}")
        assert store.claim_drift_check(check_id, "a", HOUR)
        assert store.finish_drift_check(check_id, "a", result)
        assert not store.finish_drift_check(check_id, "a", DriftResult("none"))
    ask(store, "waits")
    newest, oldest = store.list_drift_checks(REPOSITORY)
    assert (oldest.status, oldest.detail) == ("could_not_check", "unreachable")
    assert (newest.status, newest.commit, newest.counts) == ("drift", "c" * 40, {"data": 2})
    assert (newest.snapshots, newest.since) == (found.snapshots, found.since)
    assert newest.ended is not None
    assert store.claim_drift_check(newest.id, "b", HOUR) is None
    assert len(store.list_drift_checks(REPOSITORY, limit=1)) == 1


def test_an_unknown_check(store: Store) -> None:
    with pytest.raises(UnknownDriftCheck, match="no drift check 5"):
        store.get_drift_check(5)
