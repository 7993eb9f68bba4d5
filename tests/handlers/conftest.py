"""The bot's parts on a store of their own and a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from starlette.testclient import TestClient

from bot.store.upgrade import upgrade
from handlers.app import create_app
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_settings


@pytest.fixture
def empty_redis_url(redis_url: str) -> str:
    """Redis without anything in it."""
    redis.Redis.from_url(redis_url).flushall()
    return redis_url


@pytest.fixture
def parts(tmp_path: Path, empty_redis_url: str) -> Iterator[Parts]:
    """Parts whose store has its tables."""
    made = make_parts(make_settings(tmp_path, empty_redis_url))
    upgrade(made.store.engine)
    yield made
    made.store.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """The web server."""
    with TestClient(create_app(parts)) as opened:
        yield opened
