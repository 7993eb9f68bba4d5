"""One running product for all tests of this folder that share a worker process of pytest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.sandbox import Sandbox
from tests.end_to_end.site import Site, run_site


@pytest.fixture(scope="session")
def site(sandbox: Sandbox, redis_url: str) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="sw-site-") as directory, run_site(Path(directory), redis_url) as running:
        yield running
