"""Repositories opened as the bot does, and a database that holds the base schema, copied for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from tests.databases import make_databases
from tests.migration.bench import Benches
from tests.migration.changes import BASE
from tests.migration.layouts.environments import ensure_target
from tests.migration.revisions import execute
from tests.migration.shop import Shop


@dataclass(frozen=True)
class BaseTemplate:
    """The database to copy, and what stands in it."""

    name: str
    schema: Schema


@pytest.fixture(scope="session")
def base_template(postgres_url: str, postgres_admin: sa.Engine) -> BaseTemplate:
    """Built once a session."""
    name = f"base_{uuid.uuid4().hex}"
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = sa.create_engine(sa.make_url(postgres_url).set(database=name))
    with engine.begin() as connection:
        execute(connection, BASE)
        schema = snapshot(connection)
    engine.dispose()
    return BaseTemplate(name, schema)


@pytest.fixture
def base_database(base_template: BaseTemplate, postgres_admin: sa.Engine) -> Iterator[Callable[[], sa.Engine]]:
    """A factory of engines, each on a new database that holds the base and is dropped after the test."""
    with make_databases(postgres_admin, base_template.name) as make:
        yield make


@pytest.fixture
def benches(
    tmp_path: Path, sandbox: Sandbox, scratch_server: ScratchServer, bookshop_environment: Environment
) -> Iterator[Benches]:
    """Opens repositories as the bot does, with the bookshop's interpreter (alembic, sqlalchemy, psycopg, pydantic)."""
    opened = Benches(tmp_path, sandbox, scratch_server, bookshop_environment)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def target_environment(sandbox: Sandbox) -> Environment:
    """Flask-Migrate, SQLModel, alembic-utils and the like: what some projects have, and the bot never."""
    requirements = Path(__file__).with_name("layouts") / "requirements.txt"
    return ensure_target(sandbox, requirements.read_text())


@pytest.fixture
def target_benches(
    tmp_path: Path, sandbox: Sandbox, scratch_server: ScratchServer, target_environment: Environment
) -> Iterator[Benches]:
    """As `benches`, with those packages."""
    opened = Benches(tmp_path, sandbox, scratch_server, target_environment)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    scratch_server: ScratchServer,
    bookshop_environment: Environment,
) -> Iterator[Shop]:
    """The plain project at its base, shared by the tests of a module."""
    opened = Benches(tmp_path_factory.mktemp("shop"), sandbox, scratch_server, bookshop_environment)
    yield Shop(opened.open())
    opened.close()
