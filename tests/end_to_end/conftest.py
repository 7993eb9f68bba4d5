"""One running product for all tests of this folder that share a worker process of pytest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.sandbox import Sandbox
from tests.end_to_end.site import Site, run_site
from tests.jobs.processes import run_redis


@pytest.fixture(scope="session")
def site(sandbox: Sandbox) -> Iterator[Site]:
    """With a Redis of its own: its worker would take the jobs that other tests queue."""
    with tempfile.TemporaryDirectory(prefix="sw-site-") as directory:
        socket = Path(directory) / "redis.sock"
        with run_redis(socket), run_site(Path(directory), f"unix://{socket}") as running:
            yield running
