"""The law of reconciling: the proposed statements lead one side to the other, in either direction."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

import pytest
import sqlalchemy as sa

from bot.schema.diff import diff, material
from tests.databases import make_databases
from tests.drift.databases import compare, execute, list_statements, look, run
from tests.migration.changes import BASE, COMBINED, OF_SINGLE, SINGLE
from tests.migration.test_operations import fits


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
    with make_databases(postgres_admin, template) as factory:
        yield factory


@pytest.mark.parametrize("name", SINGLE)
def test_a_single_difference(name: str, make: Callable[[], sa.Engine]) -> None:
    lead_to_either_side(make(), make(), [SINGLE[name]])


# Not those of COMBINED that take detours: the statements are those of one item after another.
@pytest.mark.parametrize("name", OF_SINGLE)
def test_differences_together(name: str, make: Callable[[], sa.Engine]) -> None:
    lead_to_either_side(make(), make(), [COMBINED[name].ddl])


@pytest.mark.parametrize("seed", range(12))
def test_differences_at_random(seed: int, make: Callable[[], sa.Engine]) -> None:
    names = random.Random(seed).sample(sorted(SINGLE), 6)
    lead_to_either_side(make(), make(), [SINGLE[name] for name in names])


def lead_to_either_side(wanted: sa.Engine, drifted: sa.Engine, scripts: Iterable[str]) -> None:
    for script in scripts:
        if fits(drifted, script):
            execute(drifted, script)
    expected, actual = look(wanted), look(drifted)
    items = compare(expected, actual).items
    assert [item for item in items if item.to_expected.obstacle or item.to_actual.obstacle] == []
    run(drifted, list_statements(items, "to_expected"))
    assert material(diff(expected, look(drifted))) == ()
    run(wanted, list_statements(items, "to_actual"))
    assert material(diff(actual, look(wanted))) == ()
