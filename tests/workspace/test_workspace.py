"""Commands in a workspace: what they see and may write, and the database that they are given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.workspace.databases import ScratchServer
from bot.workspace.sandbox import Limits, Sandbox
from bot.workspace.workspace import Workspace
from tests.workspace.workspaces import make_workspace

Make = Callable[..., Workspace]


@pytest.fixture
def make(tmp_path: Path, scratch_server: ScratchServer, sandbox: Sandbox) -> Iterator[Make]:
    """Makes a workspace of files; its tree is closed after the test."""
    with ExitStack() as stack:

        def make(files: dict[str, str], **config: object) -> Workspace:
            workspace = make_workspace(tmp_path, files, scratch_server, sandbox, **config)
            stack.callback(workspace.tree.close)
            return workspace

        yield make


def test_commands_run_in_the_tree_with_the_environments_python(make: Make) -> None:
    workspace = make({"app.py": "import sqlalchemy, sys; print(sys.prefix); open('made', 'w')"})
    completed = workspace.run(["python", "app.py"])
    assert completed.stdout == f"{sys.prefix}\n"
    assert [change.path for change in workspace.tree.list_changes()] == ["made"]


def test_modules_are_imported_from_the_tree(make: Make) -> None:
    workspace = make({"src/inner/__init__.py": "", "outer.py": "", "sub/run.py": "import inner, outer; print('found')"})
    assert workspace.run(["python", "sub/run.py"]).stdout == "found\n"


def test_environment_of_the_config_is_there_and_the_callers_wins(make: Make) -> None:
    workspace = make({}, env={"A": "config", "B": "config"})
    completed = workspace.run(["/bin/sh", "-c", 'echo "$A $B"'], env={"B": "caller"})
    assert completed.stdout == "config caller\n"


def test_the_scratch_folder_is_shared_and_the_environment_is_not_writable(make: Make) -> None:
    workspace = make({})
    (workspace.scratch_dir / "in").write_text("from the bot")
    script = f"cat {workspace.scratch_dir}/in; echo out > {workspace.scratch_dir}/out; touch {sys.prefix}/evil"
    completed = workspace.run(["/bin/sh", "-c", script])
    assert completed.stdout == "from the bot"
    assert (workspace.scratch_dir / "out").read_text() == "out\n"
    assert "Read-only file system" in completed.stderr


def test_nothing_else_of_the_bots_folder_is_seen(make: Make, tmp_path: Path) -> None:
    workspace = make({})
    (tmp_path / "specwright.db").write_text("secrets")
    completed = workspace.run(["/bin/ls", "-A", str(tmp_path), str(tmp_path / "run")])
    assert set(completed.stdout.split()) == {f"{tmp_path}:", "run", "scratch", f"{tmp_path}/run:", "tree"}


def test_a_database_is_reached_only_when_it_is_given(make: Make, scratch_server: ScratchServer) -> None:
    workspace = make({"ask.py": "import os, psycopg; print(psycopg.connect(os.environ['URL']).info.dbname)"})
    database = scratch_server.create()
    url = {"URL": database.url()}
    assert workspace.run(["python", "ask.py"], database, env=url).stdout == f"{database.name}\n"
    assert "No such file" in workspace.run(["python", "ask.py"], env=url).stderr
    scratch_server.drop(database)


def test_limits_are_passed_on(make: Make) -> None:
    completed = make({}).run(["/bin/sleep", "100"], limits=Limits(timeout_seconds=0.5))
    assert completed.timed_out


def test_further_folders_can_be_shown(make: Make, tmp_path: Path) -> None:
    (tmp_path / "handout").mkdir()
    (tmp_path / "handout" / "tool.py").write_text("print('used'); open(__file__, 'w')")
    completed = make({}).run(["python", str(tmp_path / "handout" / "tool.py")], readable=[tmp_path / "handout"])
    assert completed.stdout == "used\n"
    assert "Read-only file system" in completed.stderr
