"""Schedules: read again when they are old, due once, moved on by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bot.store import DriftSchedule, Store

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SHOP = DriftSchedule("acme/shop", 7, "0 12 * * *", "UTC", NOON)


def test_due_and_moved_on_by_one(store: Store) -> None:
    store.set_drift_schedule(SHOP)
    store.set_drift_schedule(DriftSchedule("acme/never", 7, None, "UTC", None))
    assert store.list_due_schedules(NOON - HOUR) == ()
    assert store.list_due_schedules(NOON) == (SHOP,)
    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(lambda _: store.advance_drift_schedule(SHOP, NOON + HOUR), range(8)))
    assert sum(moved) == 1
    assert store.list_due_schedules(NOON) == ()


def test_the_same_words_leave_the_time_alone(store: Store) -> None:
    store.set_drift_schedule(SHOP)
    later = DriftSchedule("acme/shop", 8, "0 12 * * *", "UTC", NOON + HOUR)
    store.set_drift_schedule(later)
    assert [(item.due, item.installation_id) for item in store.list_due_schedules(NOON)] == [(NOON, 8)]
    store.set_drift_schedule(DriftSchedule("acme/shop", 8, "0 13 * * *", "UTC", NOON + HOUR))
    assert store.list_due_schedules(NOON) == ()


def test_configs_that_were_not_read_for_long(store: Store) -> None:
    store.ensure_installation(7, "acme", add=["acme/shop", "acme/new"])
    store.ensure_installation(8, "gone", add=["gone/shop"])
    store.remove_installation(8)
    store.set_drift_schedule(SHOP)
    assert store.list_unread_schedules(HOUR, 10) == (("acme/new", 7),)
    assert len(store.list_unread_schedules(-HOUR, 10)) == 2
    assert len(store.list_unread_schedules(-HOUR, 1)) == 1


def test_where_the_app_is_gone_nothing_is_due(store: Store) -> None:
    store.ensure_installation(7, "acme", add=["acme/shop"])
    store.set_drift_schedule(SHOP)
    store.ensure_installation(7, "acme", remove=["acme/shop"])
    assert store.list_due_schedules(NOON) == ()
    store.set_drift_schedule(SHOP)
    store.remove_installation(7)
    assert store.list_due_schedules(NOON) == ()
