"""The lint of a real change: the example repository, its Alembic in the sandbox, a scratch database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import ensure_base
from bot.migration.lint_result import LintResult, from_json, to_json
from bot.migration.lint_run import run_lint
from bot.migration.project import find_project
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.mirror import Mirror
from bot.workspace.sandbox import Sandbox
from bot.workspace.tree import Tree
from bot.workspace.workspace import Workspace
from tests.workspace.repositories import Origin

BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop"
VERSIONS = "migrations/versions"
CONFIG = RepositoryConfig(database={"driver": "psycopg"})  # type: ignore[arg-type]  # pydantic reads it
NEW = '''"""customers lose their phone

Revision ID: aaaaaaaaaaaa
Revises: e9a1f4427c83
"""
import sqlalchemy as sa
from alembic import op

revision = "aaaaaaaaaaaa"
down_revision = "e9a1f4427c83"


def upgrade() -> None:
    op.drop_column("customers", "phone")
    with op.get_context().autocommit_block():
        op.create_index("ix_books_title", "books", ["title"], postgresql_concurrently=True)
    # specwright: ignore[whole-table-write] the shop opens next week
    op.execute("UPDATE books SET title = trim(title)")
    op.create_index("ix_books_isbn", "books", ["isbn"])


def downgrade() -> None:
    op.drop_index("ix_books_isbn", table_name="books")
    op.drop_index("ix_books_title", table_name="books")
    op.add_column("customers", sa.Column("phone", sa.String(length=20), nullable=True))
'''


@pytest.fixture
def trees(tmp_path: Path) -> Iterator[tuple[Tree, Tree]]:
    """The bookshop as it is, twice: the second one is to be changed."""
    files = {
        path.relative_to(BOOKSHOP).as_posix(): path.read_bytes()
        for path in BOOKSHOP.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    origin = Origin.make(tmp_path / "origin.git")
    commit = origin.commit(files)  # type: ignore[arg-type]  # a dict is invariant in its keys
    mirror = Mirror(tmp_path / "mirrors", "acme/bookshop", origin.url)
    mirror.fetch(None)
    opened = [Tree.open(mirror, commit, tmp_path / name / "tree") for name in ("base", "run")]
    yield opened[0], opened[1]
    for tree in opened:
        tree.close()


def test_lint_of_a_change(
    trees: tuple[Tree, Tree],
    tmp_path: Path,
    sandbox: Sandbox,
    scratch_server: ScratchServer,
    bookshop_environment: Environment,
) -> None:
    unchanged, tree = trees
    (tmp_path / "scratch").mkdir()
    config = CONFIG.model_copy(update={"lint": {"require-lock-timeout": "off"}})
    workspace = Workspace(tree, bookshop_environment, scratch_server, sandbox, config, tmp_path / "scratch")
    runner = AlembicRunner(workspace, find_project(tree.path, config))
    base = ensure_base(workspace, runner)
    assert run_lint(runner, base, unchanged.path).findings == ()
    old = tree.path / VERSIONS / "2025_11_28_c57e0d3a9b46_isbn_and_stock_of_books.py"
    old.write_text(old.read_text().replace("length=13", "length=17"))
    (tree.path / VERSIONS / "new.py").write_text(NEW)
    found = run_lint(runner, base, unchanged.path, leftover=(), naming_convention={})
    assert describe(found) == [
        ("error", "edited-revision", 22),
        ("error", "drop-still-used", get_line('op.drop_column("customers"')),
        ("warning", "require-concurrent-index-creation", get_line('op.create_index("ix_books_isbn"')),
    ]
    assert [item.reason for item in found.suppressed] == ["the shop opens next week"]
    assert found.saw_upgrade
    assert from_json(json.loads(json.dumps(to_json(found)))) == found
    broken = NEW.replace('"ix_books_isbn", "books"', '"ix_books_isbn", "boks"')
    (tree.path / VERSIONS / "new.py").write_text(broken)
    assert ("error", "edited-revision", 22) in describe(run_lint(runner, base, unchanged.path))


def describe(found: LintResult) -> list[tuple[str, str, int]]:
    return [(finding.severity, finding.code, finding.line) for finding in found.findings]


def get_line(text: str) -> int:
    return next(number for number, line in enumerate(NEW.splitlines(), 1) if text in line)
