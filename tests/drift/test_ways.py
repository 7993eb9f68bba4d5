"""The law of reconciling: the proposed statements lead one side to the other, in either direction."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from bot.schema.diff import diff, material
from tests.drift.databases import compare, execute, list_statements, look, run
from tests.migration.changes import BASE, SINGLE


@pytest.fixture(scope="module")
def template(postgres_admin: sa.Engine) -> Iterator[str]:
    """A database with the base schema, to be copied."""
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE drift_base")
    engine = sa.create_engine(postgres_admin.url.set(database="drift_base"))
    execute(engine, BASE)
    engine.dispose()
    yield "drift_base"
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE drift_base WITH (FORCE)")


@pytest.fixture
def make(postgres_admin: sa.Engine, template: str) -> Iterator[Callable[[], sa.Engine]]:
    """A factory of databases with the base schema."""
    from tests.databases import make_databases

    with make_databases(postgres_admin, template) as factory:
        yield factory


@pytest.mark.parametrize("name", SINGLE)
def test_the_statements_lead_to_either_side(name: str, make: Callable[[], sa.Engine]) -> None:
    wanted, drifted = make(), make()
    execute(drifted, SINGLE[name])
    expected, actual = look(wanted), look(drifted)
    items = compare(expected, actual).items
    assert [item for item in items if item.to_expected.obstacle or item.to_actual.obstacle] == []
    run(drifted, list_statements(items, "to_expected"))
    assert material(diff(expected, look(drifted))) == ()
    run(wanted, list_statements(items, "to_actual"))
    assert material(diff(actual, look(wanted))) == ()
