"""One database for many examples: emptying it is quicker than making a new one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.migration.lint_context import LintContext
from tests.migration.rules.examples import Example, make_context

Look = Callable[[Example], LintContext]


@pytest.fixture(scope="module")
def shared_engine(postgres_url: str, postgres_admin: sa.Engine) -> Iterator[sa.Engine]:
    """An engine on a database of the module's own."""
    name = f"t_{uuid.uuid4().hex}"
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = sa.create_engine(sa.make_url(postgres_url).set(database=name))
    yield engine
    engine.dispose()
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def look(shared_engine: sa.Engine, tmp_path: Path) -> Look:
    """The context of an example, which is run in an empty database."""
    count = iter(range(1_000))

    def run(example: Example) -> LintContext:
        return make_context(shared_engine, tmp_path / str(next(count)), example)

    return run
