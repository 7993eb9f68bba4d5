"""Runs: one per delivery, one active per issue, ended once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.store import Store, UnknownRun
from tests.store.runs import make_run


def test_the_same_delivery_makes_one_run(store: Store) -> None:
    assert make_run(store) == make_run(store)


def test_an_issue_has_one_active_run(store: Store) -> None:
    first = make_run(store, "d-1")
    assert make_run(store, "d-2") == first
    store.finish_run(first, "finished", "done")
    assert make_run(store, "d-3") != first


def test_a_run_comes_from_a_delivery(store: Store) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        make_run(store, record=False)


def test_the_text_of_the_delivery_is_kept(store: Store) -> None:
    run = store.get_run(make_run(store, title="Loyalty", body="ünï\r\n<b>"))
    assert (run.title, run.body, run.label, run.status) == ("Loyalty", "ünï\r\n<b>", "specwright", "queued")


def test_facts_are_kept_until_others_come(store: Store) -> None:
    run_id = make_run(store)
    store.set_run_facts(run_id, base_branch="main", base_commit="abc")
    store.set_run_facts(run_id, branch="specwright/12-loyalty")
    run = store.get_run(run_id)
    assert (run.base_branch, run.base_commit, run.branch) == ("main", "abc", "specwright/12-loyalty")


def test_a_cancelled_run_keeps_its_first_reason(store: Store) -> None:
    run_id = make_run(store)
    assert not store.is_cancel_requested(run_id)
    assert store.request_cancel(run_id, "label removed")
    assert not store.request_cancel(run_id, "issue closed")
    assert store.find_cancel_reason(run_id) == "label removed"
    assert store.get_run(run_id).status == "queued"


def test_a_run_that_waits_for_an_answer_is_cancelled_at_once(store: Store) -> None:
    run_id = make_run(store)
    store.finish_run(run_id, "asked", "two questions")
    assert store.request_cancel(run_id, "issue closed")
    assert store.get_run(run_id).status == "cancelled"


def test_an_end_is_final(store: Store) -> None:
    run_id = make_run(store)
    assert store.finish_run(run_id, "draft", "two gates failed")
    assert not store.finish_run(run_id, "failed", "late")
    assert (store.get_run(run_id).status, store.get_run(run_id).detail) == ("draft", "two gates failed")
    assert not store.request_cancel(run_id, "late")
    assert store.claim_run(run_id, "late", 3600) is None


def test_notices_are_kept_once(store: Store) -> None:
    run_id = make_run(store)
    store.add_notice(run_id, "edited")
    store.add_notice(run_id, "edited")
    assert store.get_run(run_id).notices == ("edited",)


def test_a_commit_is_known_as_one_that_a_run_made(store: Store) -> None:
    run_id = make_run(store)
    store.set_run_facts(run_id, branch="specwright/12-a", head_commit="aaa")
    assert store.has_pushed("acme/shop", "specwright/12-a", "aaa")
    assert store.list_branches("acme/shop", 12) == ("specwright/12-a",)
    assert store.list_branches("acme/shop", 13) == ()
    for other in (
        ("acme/shop", "specwright/12-a", "bbb"),
        ("acme/shop", "main", "aaa"),
        ("acme/x", "specwright/12-a", "aaa"),
    ):
        assert not store.has_pushed(*other)


def test_runs_are_listed_the_newest_first(store: Store) -> None:
    first, second = make_run(store, "d-1"), make_run(store, "d-2", issue=13)
    make_run(store, "d-3", repository="acme/other")
    store.finish_run(first, "finished")
    assert [run.id for run in store.list_runs(repository="acme/shop")] == [second, first]
    assert [run.id for run in store.list_runs(status="finished")] == [first]
    assert len(store.list_runs(limit=1)) == 1
    latest = store.find_latest_run("acme/shop", 12)
    assert latest is not None
    assert latest.id == first
    assert store.find_active_run("acme/shop", 12) is None


def test_an_unknown_run_says_so(store: Store) -> None:
    with pytest.raises(UnknownRun, match="no run 404"):
        store.get_run(404)


def test_steps_keep_what_they_produced(store: Store) -> None:
    run_id = make_run(store)
    store.start_step(run_id, "checkout")
    store.fail_step(run_id, "checkout", "network")
    assert store.start_step(run_id, "checkout").attempts == 2
    store.finish_step(run_id, "checkout", {"base_commit": "abc"})
    store.start_step(run_id, "read")
    done, doing = store.list_steps(run_id)
    assert (done.state, done.output, done.error) == ("finished", {"base_commit": "abc"}, None)
    assert (doing.name, doing.state, doing.ended, doing.output) == ("read", "running", None, None)


def test_a_pull_request_belongs_to_its_newest_run(store: Store) -> None:
    first = make_run(store, "d-1")
    store.ensure_pull_request(first, "acme/shop", 5, "https://x/5", "specwright/12-a", "aaa")
    store.finish_run(first, "finished")
    second = make_run(store, "d-2")
    store.ensure_pull_request(second, "acme/shop", 5, "https://x/5", "specwright/12-a", "bbb")
    assert store.find_pull_request(first) is None
    found = store.find_pull_request(second)
    assert found is not None
    assert found == store.find_pull_request_by_branch("acme/shop", "specwright/12-a")
    assert found.head_sha == "bbb"
