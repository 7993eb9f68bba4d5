from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from tests.migration.bench import Benches


@pytest.fixture
def benches(
    tmp_path: Path, sandbox: Sandbox, scratch_server: ScratchServer, bookshop_environment: Environment
) -> Iterator[Benches]:
    """Opens repositories as the bot does, with the bookshop's interpreter (alembic, sqlalchemy, psycopg, pydantic)."""
    opened = Benches(tmp_path, sandbox, scratch_server, bookshop_environment)
    yield opened
    opened.close()
