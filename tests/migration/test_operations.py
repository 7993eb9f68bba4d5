"""The law of writing: a written revision leads from one schema to the other and back, on a real database."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.migration.renames import reverse_renames
from tests.migration.changes import COMBINED, FOUND, SINGLE, Stated
from tests.migration.conftest import BaseTemplate
from tests.migration.revisions import (
    ONLINE,
    PLAIN,
    POLICIES,
    Pair,
    Project,
    execute,
    prove,
    take_change,
    take_pair,
    write,
)

Fresh = Callable[[], sa.Engine]


@pytest.mark.parametrize("name", SINGLE)
def test_single_change(name: str, base_database: Fresh, base_template: BaseTemplate, tmp_path: Path) -> None:
    engine = base_database()
    project, pair = Project(tmp_path, engine), take_change(engine, base_template.schema, SINGLE[name])
    project.stand_on(prove(project, pair))
    prove(project, Pair(pair.after, pair.before), again=False)  # what the change made is there, so it can be unmade


@pytest.mark.parametrize("name", SINGLE)
def test_single_change_online(name: str, base_database: Fresh, base_template: BaseTemplate, tmp_path: Path) -> None:
    """Where the plain form is written anyway, the test above proves it."""
    engine = base_database()
    pair = take_change(engine, base_template.schema, SINGLE[name])
    back = Pair(pair.after, pair.before)
    if all(write(ONLINE, way).code == write(PLAIN, way).code for way in (pair, back)):
        return
    project = Project(tmp_path, engine, ONLINE)
    project.stand_on(prove(project, pair))
    prove(project, back, again=False)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", COMBINED)
def test_combined_changes(
    name: str, policy: str, base_database: Fresh, base_template: BaseTemplate, tmp_path: Path
) -> None:
    prove_stated(COMBINED[name], Project(tmp_path, base_database(), POLICIES[policy]), base_template)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", FOUND)
def test_what_random_schemas_have_found(
    name: str, policy: str, base_database: Fresh, base_template: BaseTemplate, tmp_path: Path
) -> None:
    prove_stated(FOUND[name], Project(tmp_path, base_database(), POLICIES[policy]), base_template)


def prove_stated(change: Stated, project: Project, base: BaseTemplate) -> None:
    """There, back, and there again; then the same the other way round."""
    engine = project.engine
    pair = (
        take_pair(engine, change.before, change.ddl) if change.before else take_change(engine, base.schema, change.ddl)
    )
    project.stand_on(prove(project, pair, change.renames))
    prove(project, Pair(pair.after, pair.before), reverse_renames(change.renames), again=False)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("seed", range(24))
def test_random_combinations(
    seed: int, policy: str, base_database: Fresh, base_template: BaseTemplate, tmp_path: Path
) -> None:
    engine = base_database()
    ddl = ""
    for name in random.Random(seed).sample(sorted(SINGLE), 8):
        ddl = f"{ddl}\n{SINGLE[name]}" if fits(engine, f"{ddl}\n{SINGLE[name]}") else ddl
    project, pair = Project(tmp_path, engine, POLICIES[policy]), take_change(engine, base_template.schema, ddl)
    project.stand_on(prove(project, pair))
    prove(project, Pair(pair.after, pair.before), again=False)


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
