"""Deliveries: recorded once, kept whole, queued again until they are done."""

from __future__ import annotations

import pytest

from bot.store import Store, UnknownDelivery
from bot.store.deliveries import MAX_ATTEMPTS

LONG_SECONDS = -10 * 24 * 3600.0  # "older than minus ten days": whatever is due within the next ten days


def record(store: Store, payload: bytes = b'{"a": 1}') -> bool:
    return store.record_delivery("d-1", "issues", "labeled", 7, payload, "acme/shop")


def list_due(store: Store, older_than_seconds: float = 0) -> list[str]:
    return [delivery.id for delivery in store.list_unqueued_deliveries(older_than_seconds)]


def test_a_redelivery_is_known(store: Store) -> None:
    assert record(store)
    assert not record(store, b"other")
    assert store.get_delivery("d-1").payload == b'{"a": 1}'
    assert [delivery.id for delivery in store.list_deliveries()] == ["d-1"]


def test_what_was_accepted_is_due_until_it_is_queued(store: Store) -> None:
    record(store)
    assert list_due(store) == ["d-1"]
    assert list_due(store, older_than_seconds=3600) == []
    store.mark_delivery("d-1", "queued")
    assert list_due(store) == []


def test_what_is_queued_is_due_again_some_day_and_never_once_it_is_done(store: Store) -> None:
    record(store)
    store.mark_delivery("d-1", "queued")
    assert list_due(store, LONG_SECONDS) == ["d-1"]
    store.mark_delivery("d-1", "done")
    store.mark_delivery("d-1", "queued")
    assert list_due(store, LONG_SECONDS) == []
    assert store.get_delivery("d-1").state == "done"


def test_an_error_that_may_pass_is_tried_again_but_not_for_ever(store: Store) -> None:
    record(store)
    for _ in range(MAX_ATTEMPTS - 1):
        store.mark_delivery("d-1", "queued")
        assert store.postpone_delivery("d-1", "GitHub is down")
        assert list_due(store) == []
        assert list_due(store, LONG_SECONDS) == ["d-1"]
    store.mark_delivery("d-1", "queued")
    assert not store.postpone_delivery("d-1", "GitHub is down")
    delivery = store.get_delivery("d-1")
    assert (delivery.state, delivery.error, delivery.due) == ("failed", "GitHub is down", None)


def test_an_unknown_delivery_says_so(store: Store) -> None:
    with pytest.raises(UnknownDelivery, match="nope"):
        store.get_delivery("nope")


def test_installations_know_their_repositories(store: Store) -> None:
    store.ensure_installation(7, "acme", add=["acme/shop", "acme/other"])
    store.ensure_installation(7, "acme", remove=["acme/other"])
    assert store.find_repositories(7) == ("acme/shop",)
    store.remove_installation(7)
    assert store.find_repositories(7) is None
