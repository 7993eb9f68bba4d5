"""The law of writing: a written revision leads from one schema to the other and back, on a real database."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.migration.changes import BASE, COMBINED, SINGLE, combine
from tests.migration.revisions import Pair, Project, execute, prove, take_pair

Fresh = Callable[[], sa.Engine]


@pytest.mark.parametrize("name", SINGLE)
def test_single_change(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    project, pair = Project(tmp_path, engine), take_pair(engine, BASE, SINGLE[name])
    project.stand_on(prove(project, pair))
    prove(project, Pair(pair.after, pair.before))  # what the change made is there now, so it can be unmade


@pytest.mark.parametrize("name", COMBINED)
def test_combined_changes(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    prove(Project(tmp_path, engine), take_pair(engine, BASE, combine(name)))


@pytest.mark.parametrize("seed", range(12))
def test_random_combinations(seed: int, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    chosen = random.Random(seed).sample(sorted(SINGLE), 8)
    with engine.begin() as connection:
        execute(connection, BASE)
    ddl = ""
    for name in chosen:
        ddl = f"{ddl}\n{SINGLE[name]}" if fits(engine, f"{ddl}\n{SINGLE[name]}") else ddl
    project, pair = Project(tmp_path, engine), take_pair(engine, "", ddl)
    project.stand_on(prove(project, pair))
    prove(project, Pair(pair.after, pair.before))


def fits(engine: sa.Engine, ddl: str) -> bool:
    """Whether the statements can be carried out one after the other: some changes exclude each other."""
    with engine.connect() as connection:
        try:
            execute(connection, ddl)
        except sa.exc.DBAPIError:
            return False
        finally:
            connection.rollback()
    return True
