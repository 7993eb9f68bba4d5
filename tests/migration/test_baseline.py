"""The base: the history is replayed once, and again only when something that it depends on has changed."""

from __future__ import annotations

import pytest

from bot.config import RepositoryConfig
from bot.migration.baseline import Base, get_key
from bot.migration.errors import MigrationFailed
from tests.migration.bench import Bench, Benches
from tests.migration.projects import ENV_FROM_INI, FIRST, revision, write_files

# Only for the first time this env.py gets through.
ONCE = """
from pathlib import Path
from alembic import context
if Path({path!r}).exists():
    raise RuntimeError("replayed")
Path({path!r}).touch()
"""


def open_once(benches: Benches) -> Bench:
    """A repository whose history can be replayed one single time."""
    bench = benches.open()
    path = str(bench.workspace.scratch_dir / "ran")
    bench.write({"migrations/env.py": ONCE.format(path=path) + ENV_FROM_INI})
    return bench


def test_the_schema_at_the_head(benches: Benches) -> None:
    bench = benches.open()
    base = bench.ensure_base()
    assert base.revision == "a2"
    (table,) = base.schema.tables
    assert [column.name for column in table.columns] == ["id", "email", "points"]
    assert bench.look(bench.create(base.template)) == base.schema


def test_history_is_replayed_once(benches: Benches) -> None:
    bench = open_once(benches)
    first = bench.ensure_base()
    assert (bench.workspace.scratch_dir / "ran").exists()
    assert bench.ensure_base() == first
    with pytest.raises(MigrationFailed, match="replayed"):
        bench.runner.upgrade(bench.create())


def test_another_tree_with_the_same_files_shares_the_base(benches: Benches) -> None:
    one, other = benches.open(), benches.open()
    assert one.ensure_base() == other.ensure_base()


CHANGES = {
    "a revision": ({"migrations/versions/a1_first.py": FIRST + "\n# more\n"}, True),
    "a new revision": ({"migrations/versions/a3.py": revision("a3", "a2", "pass", "pass")}, True),
    "a module that a revision imports": ({"shop/data.py": "ROWS = [2]\n"}, True),
    "a module that such a module imports": ({"shop/more.py": "X = 2\n"}, True),
    "env.py": ({"migrations/env.py": ENV_FROM_INI + "\n# more\n"}, True),
    "a module beside env.py": ({"migrations/include.py": "X = 1\n"}, True),
    "a file beside the revisions": ({"migrations/versions/rows.txt": "1\n"}, True),
    "a script elsewhere": ({"sql/001.sql": "SELECT 1\n"}, True),
    "the config": ({"alembic.ini": "[alembic]\nscript_location = migrations\n# more\n"}, True),
    "the models": ({"models.py": "raise SystemExit\n"}, False),
    "another module": ({"shop/api.py": "X = 1\n"}, False),
    "the readme": ({"README.md": "# Shop\n"}, False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_key_follows_what_the_history_depends_on(benches: Benches, change: tuple[dict[str, str], bool]) -> None:
    files, changes_key = change
    bench = benches.open(
        {
            "shop/data.py": "from shop.more import X\nROWS = [X]\n",
            "shop/more.py": "X = 1\n",
            "migrations/versions/a2_second.py": "from shop import data\n"
            + revision("a2", "a1", "op.execute(f'SELECT {data.ROWS[0]}')", "pass"),
        }
    )
    before = get_key(bench.workspace, bench.runner.project)
    assert get_key(bench.workspace, bench.runner.project) == before
    bench.write(files)
    assert (get_key(bench.workspace, bench.runner.project) != before) == changes_key


def test_the_key_follows_the_environment_of_the_config(benches: Benches) -> None:
    one = benches.open(config=RepositoryConfig(env={"TENANT": "a"}))
    other = benches.open(config=RepositoryConfig(env={"TENANT": "b"}))
    assert get_key(one.workspace, one.runner.project) != get_key(other.workspace, other.runner.project)


def test_a_history_without_revisions(benches: Benches) -> None:
    ini = "[alembic]\nscript_location = db\n"
    bench = benches.open(
        start=lambda root, _: write_files(root, {"alembic.ini": ini, "db/env.py": "", "db/versions/x": ""})
    )
    base = bench.ensure_base()
    assert (base.revision, base.schema.tables) == (None, ())


def test_a_history_that_fails_leaves_nothing_behind(benches: Benches) -> None:
    broken = revision("a3", "a2", "op.create_table('left', sa.Column('id', sa.Integer))\nop.drop_table('none')", "pass")
    bench = benches.open({"migrations/versions/a3.py": broken})
    for _ in range(2):
        with pytest.raises(MigrationFailed, match="a3"):
            bench.ensure_base()
    bench.write({"migrations/versions/a3.py": broken.replace("op.drop_table('none')", "pass")})
    base = bench.ensure_base()
    assert [table.name for table in base.schema.tables] == ["customers", "left"]


def test_a_clone_of_the_base_takes_revisions_from_where_it_stands(benches: Benches) -> None:
    bench = benches.open()
    base: Base = bench.ensure_base()
    bench.write({"migrations/versions/a3.py": revision("a3", "a2", "op.drop_column('customers', 'points')", "pass")})
    assert bench.runner.upgrade(bench.create(base.template)).revisions == ("a3",)
