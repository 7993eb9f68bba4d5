"""Deliveries: recorded once, kept whole."""

from __future__ import annotations

import pytest

from bot.store import Store
from bot.store.deliveries import UnknownDelivery


def record(store: Store, payload: bytes = b'{"a": 1}') -> bool:
    return store.deliveries.record(
        "d-1", event="issues", action="labeled", installation_id=7, repository="acme/shop", payload=payload
    )


def test_a_redelivery_is_known(store: Store) -> None:
    assert record(store)
    assert not record(store, b"other")
    assert store.deliveries.get("d-1").payload == b'{"a": 1}'


def test_what_is_not_done_is_listed_until_it_is(store: Store) -> None:
    record(store)
    store.deliveries.mark("d-1", "queued")
    assert [delivery.id for delivery in store.deliveries.list_unfinished(0)] == ["d-1"]
    assert store.deliveries.list_unfinished(3600) == []
    store.deliveries.mark("d-1", "done")
    store.deliveries.mark("d-1", "queued")
    assert store.deliveries.list_unfinished(0) == []
    assert store.deliveries.get("d-1").state == "done"


def test_an_unknown_delivery_says_so(store: Store) -> None:
    with pytest.raises(UnknownDelivery, match="nope"):
        store.deliveries.get("nope")


def test_installations_know_their_repositories(store: Store) -> None:
    store.installations.ensure(7, "acme", add=["acme/shop", "acme/other"])
    store.installations.ensure(7, "acme", remove=["acme/other"])
    assert store.installations.find_repositories(7) == ("acme/shop",)
    store.installations.remove(7)
    assert store.installations.find_repositories(7) is None
