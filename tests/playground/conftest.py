"""A playground of its own for each module: tests leave each other's issues alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from handlers.cli.local.keys import write_key_pair
from tests.playground.git_client import Clone, clone
from tests.playground.world import REPO, Listener, World, listen, open_world


@pytest.fixture(scope="session")
def app_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The App's private and public key."""
    private, public = write_key_pair(tmp_path_factory.mktemp("keys"))
    return private.read_text(), public.read_text()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """Who listens to the webhooks."""
    with listen() as opened:
        yield opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, app_keys: tuple[str, str], listener: Listener) -> Iterator[World]:
    """The playground."""
    with open_world(tmp_path_factory.mktemp("playground"), app_keys, listener) as opened:
        yield opened


@pytest.fixture
def make_clone(world: World, tmp_path: Path) -> Callable[..., Clone]:
    """Clones the repository as somebody; by default as the App."""

    def make(login: str = "x-access-token", token: str | None = None, name: str = REPO) -> Clone:
        if token is None:
            token = world.make_token() if login == "x-access-token" else world.get_login_token(login)
        return clone(world.url, name, tmp_path / f"{login}-{name.replace('/', '-')}", login, token)

    return make
