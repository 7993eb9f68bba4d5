"""Databases of the shop, copied for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from bot.schema.model import Schema
from tests.databases import make_databases
from tests.drift.databases import execute, look
from tests.drift.shop import BESIDE, METADATA


@dataclass(frozen=True)
class Template:
    """The database to copy, and what stands in it."""

    name: str
    schema: Schema


@pytest.fixture(scope="session")
def shop_template(postgres_admin: sa.Engine) -> Iterator[Template]:
    """The shop's models and what only migrations make beside them."""
    name = f"shop_{uuid.uuid4().hex}"
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = sa.create_engine(postgres_admin.url.set(database=name))
    METADATA.create_all(engine)
    execute(engine, BESIDE)
    schema = look(engine)
    engine.dispose()
    yield Template(name, schema)
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def make_shop(postgres_admin: sa.Engine, shop_template: Template) -> Iterator[Callable[[], sa.Engine]]:
    """A factory of databases of the shop."""
    with make_databases(postgres_admin, shop_template.name) as make:
        yield make
