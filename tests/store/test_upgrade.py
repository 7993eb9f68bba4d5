"""The bot holds itself to its own proof: its migrations make what its models say, and lead back to where they began."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from bot.store import Store
from bot.store.models import Model
from bot.store.upgrade import downgrade, upgrade


def look(engine: sa.Engine) -> Schema:
    with engine.connect() as connection:
        return snapshot(connection)


def test_migrations_make_what_the_models_say(store: Store) -> None:
    migrated = look(store.engine)
    assert {table.name for table in migrated.tables} == set(Model.metadata.tables)
    downgrade(store.engine, "base")
    Model.metadata.create_all(store.engine)
    assert diff(look(store.engine), migrated) == ()


def test_the_way_back_leads_to_where_it_began_and_forth_again(store_url: str) -> None:
    store = Store(store_url)
    before = look(store.engine)
    upgrade(store.engine)
    migrated = look(store.engine)
    downgrade(store.engine, "base")
    assert diff(before, look(store.engine)) == ()
    upgrade(store.engine)
    assert diff(migrated, look(store.engine)) == ()
    store.close()


def test_entry_points_may_upgrade_at_the_same_time(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: upgrade(store.engine), stores))
    assert stores[0].list_runs() == ()
    for store in stores:
        store.close()
