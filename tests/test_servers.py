"""The servers that every other test stands on."""

from __future__ import annotations

from collections.abc import Callable

import redis
import sqlalchemy as sa


def test_postgres_answers(fresh_database: Callable[[], sa.Engine]) -> None:
    with fresh_database().connect() as connection:
        assert connection.exec_driver_sql("SHOW server_version_num").scalar_one() >= "180000"


def test_redis_answers(redis_url: str) -> None:
    assert redis.Redis.from_url(redis_url).ping()
