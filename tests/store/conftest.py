"""Every store test runs on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.store import Store
from bot.store.upgrade import upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    fresh_database: Callable[[], sa.Engine] = request.getfixturevalue("fresh_database")
    return fresh_database().url.render_as_string(hide_password=False)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store with its tables."""
    opened = Store(store_url, runs_per_repository=1)
    upgrade(opened.engine)
    yield opened
    opened.close()
