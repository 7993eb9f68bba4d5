"""The bot's side of GitHub, against the playground over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.github.client import GitHub, GitHubApp
from bot.github.connection import Patience
from tests.playground.conftest import app_keys, listener, make_clone, world  # noqa: F401 (fixtures)
from tests.playground.git_client import Clone
from tests.playground.world import REPO, World

AT_ONCE = Patience(backoff_seconds=0)


@pytest.fixture(scope="module")
def app(world: World) -> GitHubApp:  # noqa: F811
    """The App, which waits for nothing."""
    return GitHubApp(world.api_url, str(world.app["id"]), world.private_key, AT_ONCE)


@pytest.fixture(scope="module")
def github(world: World, app: GitHubApp) -> GitHub:  # noqa: F811
    """Its installation."""
    return app.installation(world.installation["id"])


@pytest.fixture
def issue(world: World) -> int:  # noqa: F811
    """A new issue."""
    number: int = world.playground.open_issue(REPO, "will", "A spec", "line one\r\nline two", ["bug"])["number"]
    return number


@pytest.fixture
def branch(make_clone: Callable[..., Clone], request: pytest.FixtureRequest) -> str:  # noqa: F811
    """A branch with a commit of its own."""
    copy, name = make_clone(), f"specwright/{abs(hash(request.node.nodeid))}"
    copy.commit(name, {f"{name}.txt": "new\n"})
    copy.push(name)
    return name


@pytest.fixture(autouse=True)
def no_faults(world: World) -> Iterator[None]:  # noqa: F811
    """What one test switched on does not reach the next."""
    yield
    world.playground.clear_faults()
