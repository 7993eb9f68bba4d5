"""The example repository and its example spec: from the text of a data model to a proved revision in its style."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bot.config import RepositoryConfig
from bot.migration.conventions import read_conventions
from bot.migration.project import find_project
from bot.migration.target import build_target
from bot.schema.diff import diff, material
from bot.schema.snapshot import snapshot
from bot.spec.model import DataModel, Statement
from tests.migration.revisions import ENV, Pair, Project, prove

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "e9a1f4427c83"


def read_statements(spec: str) -> DataModel:
    fence = re.search(r"```sql\n(.*?)```", (EXAMPLES / "specs" / spec).read_text(), re.DOTALL)
    assert fence is not None
    statements = [part.strip() for part in fence[1].split(";\n") if part.strip()]
    return DataModel(statements=tuple(Statement(sql, line) for line, sql in enumerate(statements, 1)))


def make_project(root: Path, engine: sa.Engine) -> Project:
    """The bookshop's revisions with an env.py that takes our connection."""
    shutil.copytree(EXAMPLES / "bookshop" / "migrations", root / "migrations")
    shutil.copy(EXAMPLES / "bookshop" / "alembic.ini", root)
    conventions = read_conventions(root, find_project(root, RepositoryConfig()), HEAD)
    project = Project(root, engine, conventions, script_location="migrations")
    (root / "migrations" / "env.py").write_text(ENV)
    project.head = HEAD
    return project


def test_changes_of_tables_that_hold_data(fresh_database: Callable[[], sa.Engine], tmp_path: Path) -> None:
    engine, scratch = fresh_database(), fresh_database()
    project = make_project(tmp_path, engine)
    before = project.upgrade()
    make_project(tmp_path / "scratch", scratch).upgrade()
    with scratch.connect() as connection:
        renames = build_target(connection, before, read_statements("02-orders-status.md"))
    with scratch.connect() as connection:
        after = snapshot(connection)
    assert renames == ()
    assert material(diff(before, after)) != ()
    written = prove(project, Pair(before, after), message="Orders: returns, shipping and priority")
    assert all(file.notes == () for file in written.files)
    assert [file.phase for file in written.files] == ["before", "before", "with", "after"]
    assert [file.blocking for file in written.files if file.blocking] == [
        ("order_items.quantity becomes integer: the table is rewritten.",)  # a check stands on the column
    ]
    for number, file in enumerate(written.files, start=1):
        name = rf"migrations/versions/2026_03_04_\w{{12}}_orders_returns_shipping_and_priority_{number}\.py"
        assert re.fullmatch(name, str(file.path)), file.path
