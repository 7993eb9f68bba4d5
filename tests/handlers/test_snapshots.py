"""POST /snapshots: with the token of the very environment, of a size, and a snapshot; then a check is queued."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from bot.config import ConfigError, read_settings
from bot.drift.live import read_structure, read_text, render_file
from bot.store.upgrade import upgrade
from handlers import snapshots
from handlers.app import create_app
from jobs.parts import Parts, make_parts
from tests.handlers.settings import make_settings, render_environment

TOKEN, PATH = "a token of production's", "/snapshots/acme/shop/production"
ALLOWED = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def parts(tmp_path: Path, empty_redis_url: str) -> Iterator[Parts]:
    tokens = {"acme/shop/production": TOKEN, "acme/other/production": "another token of theirs"}
    made = make_parts(make_settings(tmp_path, empty_redis_url, snapshot_tokens=tokens))
    upgrade(made.store.engine)
    made.store.ensure_installation(7, "acme", add=["acme/shop"])
    yield made
    made.store.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    with TestClient(create_app(parts)) as opened:
        yield opened


@pytest.fixture
def snapshot(fresh_database: Callable[[], sa.Engine]) -> str:
    engine = fresh_database()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE shops (id integer PRIMARY KEY, name text NOT NULL)")
        return render_file(read_structure(connection))


def test_a_snapshot_is_kept_and_looked_at(client: TestClient, parts: Parts, snapshot: str) -> None:
    for _ in range(2):
        assert client.post(PATH, content=snapshot, headers=ALLOWED).status_code == 202
    kept = parts.store.find_snapshot("acme/shop", "production")
    assert kept is not None
    assert read_text(kept.content) == read_text(snapshot)
    assert parts.queue.list_jobs("checks") == ("check-1-0",)
    assert parts.store.find_snapshot("acme/shop", "staging") is None


@pytest.mark.parametrize(
    ("path", "header"),
    [
        (PATH, None),
        (PATH, TOKEN),
        (PATH, f"Basic {TOKEN}"),
        (PATH, "Bearer"),
        (PATH, "Bearer another token of theirs"),
        ("/snapshots/acme/shop/staging", f"Bearer {TOKEN}"),
        ("/snapshots/acme/shop/staging", "Bearer "),
        ("/snapshots/acme/other/production", f"Bearer {TOKEN}"),
    ],
)
def test_another_token_is_refused(
    path: str, header: str | None, client: TestClient, parts: Parts, snapshot: str
) -> None:
    headers = {} if header is None else {"authorization": header}
    assert client.post(path, content=snapshot, headers=headers).status_code == 401
    assert parts.store.find_snapshot("acme/shop", "production") is None
    assert parts.queue.list_jobs("checks") == ()


def spoil(content: dict[str, Any], *path: str | int, value: object) -> str:
    place: Any = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("specwright_snapshot",), 99),
        (("schema",), []),
        (("schema", "tables"), 5),
        (("schema", "tables", 0, "name"), {"a": 1}),
        (("schema", "tables", 0, "name"), None),
        (("schema", "tables", 0, "columns", 0, "nullable"), "yes"),
        (("schema", "tables", 0, "columns", 0), "id"),
        (("schema", "dialect"), "oracle"),
        (("versions",), [{"schema": "public"}]),
    ],
)
def test_what_is_no_snapshot_is_refused(
    path: tuple[str | int, ...], value: object, client: TestClient, parts: Parts, snapshot: str
) -> None:
    body = spoil(json.loads(snapshot), *path, value=value)
    answer = client.post(PATH, content=body, headers=ALLOWED)
    assert (answer.status_code, "is no snapshot made by" in answer.text) == (422, True)
    assert parts.store.find_snapshot("acme/shop", "production") is None


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"null", b"7", b'{"specwright_snapshot": 1}'])
def test_what_is_not_even_one_is_refused(body: bytes, client: TestClient) -> None:
    assert client.post(PATH, content=body, headers=ALLOWED).status_code == 422


def test_what_is_too_large_is_not_read(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MAX_SNAPSHOT_BYTES", 2**20)
    answer = client.post(PATH, content=b" " * (2**20 + 1), headers=ALLOWED)
    assert (answer.status_code, answer.text) == (413, "the payload exceeds 1 MB\n")


def test_a_token_that_is_short_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in render_environment(make_settings(tmp_path, "redis://")).items():
        if name not in ("SPECWRIGHT_LIVE_URLS", "SPECWRIGHT_SNAPSHOT_TOKENS"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SPECWRIGHT_SNAPSHOT_TOKENS", '{"acme/shop/production": "short"}')
    with pytest.raises(ConfigError, match="must have at least 16 characters"):
        read_settings()
