"""`specwright drift --history`: what the bot's checks of a repository found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.store import DriftResult, Store
from bot.store.upgrade import upgrade
from handlers.cli.drift import command
from tests.handlers.settings import make_settings, render_environment

COUNTS = {"data": 2, "correctness": 0, "performance": 1, "cosmetic": 0}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    settings = make_settings(tmp_path, "redis://")
    for name, value in render_environment(settings).items():
        monkeypatch.setenv(name, value)
    store = Store(settings.get_database_url())
    upgrade(store.engine)
    return store


def add(store: Store, cause: str, result: DriftResult) -> None:
    check = store.ensure_drift_check("acme/shop", 7, cause)
    assert store.claim_drift_check(check.id, "a", 60)
    assert store.finish_drift_check(check.id, "a", result)


def test_newest_first(store: Store) -> None:
    add(store, "push 1", DriftResult("could_not_check", "production: no server answers\nmore", "a" * 40))
    add(store, "push 2", DriftResult("drift", None, "b" * 40, COUNTS, {"production": "f" * 64}))
    done = CliRunner().invoke(command, ["--history", "acme/shop"])
    lines = [line.partition("Z ")[2] or line for line in done.output.splitlines()]
    assert lines == [
        "bbbbbbbbbb drift: 2 data, 1 performance",
        "  production ffffffffffff",
        "aaaaaaaaaa could not check",
        "  production: no server answers",
    ]
    done = CliRunner().invoke(command, ["--history", "acme/shop", "--json"])
    assert [check["status"] for check in json.loads(done.output)] == ["drift", "could_not_check"]
    assert json.loads(done.output)[0]["snapshots"] == {"production": "f" * 64}


def test_none(store: Store) -> None:
    done = CliRunner().invoke(command, ["--history", "acme/other"])
    assert (done.exit_code, done.output) == (0, "no check of this repository has ended\n")


def test_where_the_bot_is_not_set_up() -> None:
    done = CliRunner().invoke(command, ["--history", "acme/shop"], env={"SPECWRIGHT_GITHUB_APP_ID": None})
    assert done.exit_code == 2
    assert "SPECWRIGHT_WEBHOOK_SECRET" in done.output
