"""Snapshots that were sent: the newest counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bot.store import Store


def test_the_newest_counts(store: Store) -> None:
    assert store.find_snapshot("acme/shop", "production") is None
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.set_snapshot("acme/shop", "production", f"{number}"), range(8)))
    store.set_snapshot("acme/shop", "staging", "of staging")
    store.set_snapshot("acme/shop", "production", "the newest")
    found = store.find_snapshot("acme/shop", "production")
    assert found is not None
    assert found.content == "the newest"
    assert found.received <= datetime.now(UTC)


def test_the_installation_of_a_repository(store: Store) -> None:
    store.ensure_installation(7, "acme", add=["acme/shop"])
    store.ensure_installation(8, "gone", add=["gone/shop"])
    store.remove_installation(8)
    assert store.find_installation("acme/shop") == 7
    assert store.find_installation("gone/shop") is None
