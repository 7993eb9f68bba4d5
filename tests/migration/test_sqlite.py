"""The law of writing on SQLite: up leads to the target, down to the start, and every row is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.migration.renames import Rename, reverse_renames
from bot.schema.snapshot import snapshot
from tests.migration.revisions import Pair, Project, prove
from tests.migration.sqlite_changes import BASE, CHANGES, COMBINED, FOUND, ROWS, Stated, open_database

NEED_VALUES = ("column not null dropped", "column with key dropped")  # the other way round nobody would know any


def take(engine: sa.Engine) -> Any:
    with engine.connect() as connection:
        return snapshot(connection)


def read_rows(engine: sa.Engine) -> list[Any]:
    tables = ("customers", "orders", "tags")
    with engine.connect() as connection:
        return [[dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {t}").mappings()] for t in tables]


@pytest.mark.parametrize("name", CHANGES)
def test_single_change(name: str, tmp_path: Path) -> None:
    replaced, added = CHANGES[name]
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    target = Stated(tuple(replaced), added).target
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", target)))
    project = Project(tmp_path, engine)
    project.stand_on(prove(project, pair))
    if name not in NEED_VALUES:
        prove(project, Pair(pair.after, pair.before))


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str, tmp_path: Path) -> None:
    before, after = FOUND[name]
    engine = open_database(tmp_path / "work.db", before)
    prove(Project(tmp_path, engine), Pair(take(engine), take(open_database(tmp_path / "target.db", after))))


def test_a_rename_to_a_name_that_is_not_to_be_leads_there_and_back(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "work.db", "CREATE TABLE a (x TEXT, y TEXT)")
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", "CREATE TABLE a (x INTEGER, y TEXT)")))
    prove(Project(tmp_path, engine), pair, [Rename("column", "main", "x", "new", "a")])


KEPT = [
    "column",
    "type",
    "set not null",
    "check changed",
    "unique",
    "foreign key changed",
    "index",
    "collation",
]


@pytest.mark.parametrize("name", KEPT)
def test_rows_are_kept(name: str, tmp_path: Path) -> None:
    replaced, added = CHANGES[name]
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    rows = read_rows(engine)
    target = Stated(tuple(replaced), added).target
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", target)))
    project = Project(tmp_path, engine)
    project.write(pair)
    project.upgrade()
    for before, after in zip(rows, read_rows(engine), strict=True):
        kept = [{key: row[key] for key in old} for old, row in zip(before, after, strict=True)]
        if name != "set not null":
            assert kept == before
    project.downgrade()
    if name != "set not null":
        assert read_rows(engine) == rows


@pytest.mark.parametrize("name", COMBINED)
def test_combined_changes(name: str, tmp_path: Path) -> None:
    change = COMBINED[name]
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    rows = read_rows(engine)
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", change.target)))
    project = Project(tmp_path, engine)
    project.stand_on(prove(project, pair, change.renames))
    prove(project, Pair(pair.after, pair.before), reverse_renames(change.renames), again=False)
    if name not in LOSE_VALUES:
        project.downgrade()
        assert read_rows(engine) == rows


LOSE_VALUES = ("view goes over to a column that is new",)


def test_renames_are_all_that_is_written(tmp_path: Path) -> None:
    change = COMBINED["table and column renamed"]
    engine = open_database(tmp_path / "work.db", BASE + ROWS)
    pair = Pair(take(engine), take(open_database(tmp_path / "target.db", change.target)))
    written = prove(Project(tmp_path, engine), pair, change.renames)
    assert "batch_alter_table" not in written.text
    assert "create_table" not in written.text
