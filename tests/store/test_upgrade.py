"""The bot holds itself to its own proof: its migrations make what its models say, and lead back to nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from bot.store import Store
from bot.store.models import Model
from bot.store.upgrade import downgrade, upgrade


def test_migrations_make_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Model.metadata) == []


def test_the_way_back_leads_to_nothing_and_forth_again(store: Store) -> None:
    downgrade(store.engine, "base")
    assert sa.inspect(store.engine).get_table_names() == ["alembic_version"]
    upgrade(store.engine)
    assert "runs" in sa.inspect(store.engine).get_table_names()
