"""`specwright verify` as a developer types it, on a branch of the example."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.sandbox import Sandbox
from tests.jobs.processes import SPECWRIGHT

ROOT = Path(__file__).parents[2]
REVISION = '''"""A column for points."""
import sqlalchemy as sa
from alembic import op

revision = "aaaa1111bbbb"
down_revision = "e9a1f4427c83"


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


@pytest.fixture
def data() -> Iterator[Path]:
    """Outside of pytest's own folder, which each session closes to other users again; one of them is Postgres."""
    with tempfile.TemporaryDirectory(prefix="sw-verify-") as directory:
        cache = ROOT / ".data" / "test-cache"
        cache.mkdir(parents=True, exist_ok=True)
        (Path(directory) / "environments").symlink_to(cache)
        yield Path(directory)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(ROOT / "examples" / "bookshop", tmp_path / "shop"))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    git(folder, "checkout", "--quiet", "-b", "points")
    return folder


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Work")


def add_points(folder: Path, downgrade: str) -> None:
    """A column with that downgrade, and the models to it."""
    add_revision(folder, 'op.add_column("customers", sa.Column("points", sa.Integer()))', downgrade)
    replace_in_models(folder, "    phone:", "    points: Mapped[int | None]\n    phone:")


def add_revision(folder: Path, upgrade: str, downgrade: str) -> None:
    text = REVISION.format(upgrade=upgrade, downgrade=downgrade)
    (folder / "migrations" / "versions" / "aaaa1111bbbb_points.py").write_text(text)


def replace_in_models(folder: Path, old: str, new: str) -> None:
    path = folder / "bookshop" / "models" / "customer.py"
    path.write_text(path.read_text().replace(old, new))
    commit(folder)


def verify(folder: Path, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [SPECWRIGHT, "verify", str(folder), "--data", str(data), *arguments]
    env = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_a_migration_that_holds(repository: Path, data: Path, sandbox: Sandbox) -> None:
    add_points(repository, 'op.drop_column("customers", "points")')
    done = verify(repository, data, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["proof"]["ok"], answer["proof"]["revisions"]) == (True, True, ["aaaa1111bbbb"])
    assert [step["name"] for step in answer["proof"]["steps"] if not step["ok"]] == []
    assert {"target reached", "ended and run again"} <= {step["name"] for step in answer["proof"]["steps"]}
    assert [lock["table"] for lock in answer["proof"]["upgrade"]["locks"]] == ["customers"]
    assert answer["rollback"] == "alembic downgrade e9a1f4427c83"


def test_a_migration_as_a_pull_request_tells_it(repository: Path, data: Path, sandbox: Sandbox) -> None:
    add_points(repository, 'op.drop_column("customers", "points")')
    done = verify(repository, data, "--markdown", "--old-code")
    assert done.returncode == 0, done.stdout + done.stderr
    for part in (
        "| Proved | ✓ up, down and up again in",
        "| Old code | ✓ goes on running: ",
        "| `customers`<br>",
        "column points added: integer",
        "```mermaid",
        "ALTER TABLE customers ADD COLUMN points INTEGER;",
        "**Lint** of the new revisions: ",
        "alembic downgrade e9a1f4427c83",
    ):
        assert part in done.stdout


def test_a_migration_that_old_code_does_not_survive(repository: Path, data: Path, sandbox: Sandbox) -> None:
    rename = 'op.alter_column("customers", "{}", new_column_name="{}")'
    add_revision(repository, rename.format("phone", "mobile"), rename.format("mobile", "phone"))
    replace_in_models(repository, "phone:", "mobile:")
    done = verify(repository, data, "--old-code")
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(
        r"✗ old code: \d+ tests of the old code fail on the schema after `aaaa1111bbbb`\n    failed: `tests/",
        done.stdout,
    )
    assert [line for line in done.stdout.splitlines() if line.startswith("✗")][1:] == []


def test_a_migration_that_does_not_hold(repository: Path, data: Path, sandbox: Sandbox) -> None:
    add_points(repository, "pass")
    done = verify(repository, data)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ start restored\n    column customers.points added: integer" in done.stdout
    assert "Changes:\n  customers: column points added: integer\n" in done.stdout
    assert "The way back (it does not hold): alembic downgrade e9a1f4427c83" in done.stdout
    assert "customers: ACCESS EXCLUSIVE, reads and writes wait, a moment" in done.stdout
    assert "error missing-downgrade  migrations/versions/aaaa1111bbbb_points.py:13" in done.stdout
    assert done.stdout.endswith("It does not hold.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "HEAD adds nothing to the main branch; name what to compare with: --base HEAD~1"),
        (["--base", "nowhere"], "git knows no commit 'nowhere'"),
        (["--base", "--help"], "git knows no commit '--help'"),
    ],
)
def test_a_base_that_is_not_known(
    repository: Path, data: Path, sandbox: Sandbox, arguments: list[str], words: str
) -> None:
    done = verify(repository, data, *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_folder_that_is_no_repository(tmp_path: Path, data: Path, sandbox: Sandbox) -> None:
    done = verify(tmp_path, data)
    assert done.returncode == 2
    assert "is in no git repository" in done.stderr
