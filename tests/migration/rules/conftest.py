"""One database for many examples: emptying it is quicker than making a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.migration.lint_context import LintContext
from tests.databases import make_databases
from tests.migration.rules.examples import Example, make_context

Look = Callable[[Example], LintContext]


@pytest.fixture(scope="module")
def shared_engine(postgres_admin: sa.Engine) -> Iterator[sa.Engine]:
    """An engine on a database of the module's own."""
    with make_databases(postgres_admin) as make:
        yield make()


@pytest.fixture
def look(shared_engine: sa.Engine, tmp_path: Path) -> Look:
    """The context of an example, which is run in an empty database."""
    count = iter(range(1_000))

    def run(example: Example) -> LintContext:
        return make_context(shared_engine, tmp_path / str(next(count)), example)

    return run
