"""`specwright drift` and `specwright snapshot` as a developer types them, on the example and databases of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.workspace.databases import Database, ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from tests.jobs.processes import SPECWRIGHT

ROOT = Path(__file__).parents[2]
HEAD, BEFORE = "e9a1f4427c83", "c57e0d3a9b46"
CONFIG = "drift:\n  environments: [production]\n"


@dataclass(frozen=True)
class Site:
    """A checkout of the example, a database that its migrations made, and the folder that the command keeps."""

    folder: Path
    live: Database
    server: ScratchServer
    data: Path

    def run(self, *arguments: str, database: Database | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        url = {"SPECWRIGHT_LIVE_URL_PRODUCTION": database.url()} if database else {}
        environment = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1", **url, **env}
        command = [SPECWRIGHT, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def drift(self, *arguments: str, database: Database | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        options = ("--repo", str(self.folder), "--data", str(self.data))
        return self.run("drift", *options, *arguments, database=database, **env)

    def check(self, database: Database | None, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = self.drift("--json", *arguments, database=database)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def commit(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "Work")


@pytest.fixture(scope="module")
def live(scratch_server: ScratchServer, bookshop_environment: Environment) -> Iterator[Database]:
    """A database that the example's migrations made."""
    database = scratch_server.create()
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": database.url("postgresql+psycopg")}
    command = [str(bookshop_environment.python), "-m", "alembic", "upgrade", "head"]
    subprocess.run(command, cwd=ROOT / "examples" / "bookshop", env=env, check=True, capture_output=True)
    yield database
    scratch_server.drop(database)


@pytest.fixture(scope="module")
def data(sandbox: Sandbox) -> Iterator[Path]:
    """Outside of pytest's own folder, which each session closes to other users again; one of them is Postgres."""
    with tempfile.TemporaryDirectory(prefix="sw-drift-") as directory:
        cache = ROOT / ".data" / "test-cache"
        cache.mkdir(parents=True, exist_ok=True)
        (Path(directory) / "environments").symlink_to(cache)
        yield Path(directory)


@pytest.fixture
def site(tmp_path: Path, live: Database, scratch_server: ScratchServer, data: Path) -> Iterator[Site]:
    folder = Path(shutil.copytree(ROOT / "examples" / "bookshop", tmp_path / "shop"))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    copy = scratch_server.copy(live)
    made = Site(folder, copy, scratch_server, data)
    made.commit({".github/specwright.yml": CONFIG})
    yield made
    shutil.rmtree(data / "mirrors", ignore_errors=True)
    scratch_server.drop(copy)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def execute(database: Database, statement: str) -> None:
    with database.connect() as connection, connection.begin():
        connection.exec_driver_sql(statement)


def test_no_drift(site: Site) -> None:
    done = site.drift(database=site.live)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "",
        "✓ the models ↔ the migrations: no difference",
        "✓ the migrations ↔ production: no difference",
        "✓ history: nothing wrong",
        "",
        "No drift.",
    ]
    assert "… production" in done.stderr


def test_drift_of_a_live_database(site: Site) -> None:
    execute(site.live, "ALTER TABLE orders ADD COLUMN hand_made text")
    done = site.drift(database=site.live)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "  correctness  column orders.hand_made: only in production, not in the migrations\n" in done.stdout
    assert "ALTER TABLE orders DROP COLUMN hand_made;" in done.stdout
    assert "-- the values of orders.hand_made go with the column." in done.stdout
    assert "ALTER TABLE orders ADD COLUMN hand_made TEXT;" in done.stdout
    assert done.stdout.endswith("\nDrift: 1 correctness.\n")


def test_a_database_that_is_behind(site: Site) -> None:
    execute(site.live, "DROP INDEX ix_customers_email_lower")
    execute(site.live, f"UPDATE alembic_version SET version_num = '{BEFORE}'")
    code, answer = site.check(site.live)
    (environment,) = answer["environments"]
    assert (code, environment["state"], environment["behind"]) == (1, "behind", [HEAD])
    assert environment["comparison"]["items"] == []
    assert [item["kind"] for item in answer["history"]] == ["behind"]


def test_ignored_differences_are_listed(site: Site) -> None:
    execute(site.live, "CREATE TABLE audit_log (id integer)")
    execute(site.live, "CREATE INDEX ix_by_hand ON orders (created_at)")
    rules = "  ignore:\n    - {objects: ['audit_*'], kinds: [table], reason: the auditors', until: 2999-01-01}\n"
    site.commit({".github/specwright.yml": f"{CONFIG}{rules}    - {{objects: [ix_by_hand], reason: kept by Ada}}\n"})
    done = site.drift(database=site.live)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "table audit_log: only in production, not in the migrations: the auditors' (until 2999-01-01)" in done.stdout
    assert "index ix_by_hand on orders: only in production, not in the migrations: kept by Ada" in done.stdout


def test_an_expired_rule_ignores_nothing(site: Site) -> None:
    execute(site.live, "CREATE TABLE audit_log (id integer)")
    rules = "  ignore:\n    - {objects: ['*'], reason: for a while, until: 2020-01-01}\n"
    site.commit({".github/specwright.yml": CONFIG + rules})
    assert site.check(site.live)[0] == 1


def test_a_revision_of_another_branch(site: Site) -> None:
    git(site.folder, "checkout", "--quiet", "-b", "hotfix")
    text = f'revision = "aaaa1111bbbb"\ndown_revision = "{HEAD}"\n\n\ndef upgrade():\n    pass\n'
    site.commit({"migrations/versions/aaaa1111bbbb_hotfix.py": text})
    git(site.folder, "checkout", "--quiet", "main")
    execute(site.live, "UPDATE alembic_version SET version_num = 'aaaa1111bbbb'")
    code, answer = site.check(site.live)
    (environment,) = answer["environments"]
    assert (code, environment["state"], environment["ahead"]) == (1, "ahead", ["aaaa1111bbbb"])
    assert [item["kind"] for item in answer["history"]] == ["orphaned"]
    assert "migrations/versions/aaaa1111bbbb_hotfix.py in commit" in answer["history"][0]["title"]


def test_an_unknown_revision(site: Site) -> None:
    execute(site.live, "UPDATE alembic_version SET version_num = 'cccc2222dddd'")
    code, answer = site.check(site.live)
    assert (code, [item["kind"] for item in answer["history"]]) == (1, ["unknown_revision"])
    assert answer["history"][0]["title"] == "production stands at cccc2222dddd, which git does not know"


def test_an_edited_revision(site: Site) -> None:
    path = next((site.folder / "migrations" / "versions").glob(f"*{BEFORE}*.py"))
    text = path.read_text()
    site.commit({str(path.relative_to(site.folder)): f"# only a comment\n{text}"})
    assert site.check(site.live)[0] == 0
    site.commit(
        {
            str(path.relative_to(site.folder)): text.replace(
                "def upgrade() -> None:", 'def upgrade() -> None:\n    op.execute("SELECT 1")'
            )
        }
    )
    code, answer = site.check(site.live)
    assert (code, [(item["kind"], item["name"]) for item in answer["history"]]) == (1, [("edited", BEFORE)])


def test_several_heads_and_a_missing_downgrade(site: Site) -> None:
    text = f'''from alembic import op

revision = "aaaa1111bbbb"
down_revision = "{BEFORE}"


def upgrade():
    op.drop_index("ix_nothing", table_name="orders", if_exists=True)


def downgrade():
    pass
'''
    site.commit({"migrations/versions/aaaa1111bbbb_side.py": text})
    code, answer = site.check(None, "--offline")
    assert (code, [item["kind"] for item in answer["history"]]) == (1, ["heads", "no_downgrade"])


def test_what_cannot_be_checked_is_no_peace(site: Site) -> None:
    empty = site.server.create()
    url = site.live.url()
    cases = {
        url.replace(site.live.password, "wrong"): ("credentials", "the user or the password is refused"),
        "postgresql://ada:x@127.0.0.1:1/shop": ("unreachable", "it cannot be reached"),
        "mysql://db/shop": ("url", "its URL is not one of a Postgres database"),
        empty.url(): ("empty", "there is nothing in it: is it the right database?"),
    }
    for wrong, (kind, words) in cases.items():
        done = site.drift("--json", SPECWRIGHT_LIVE_URL_PRODUCTION=wrong)
        failure = json.loads(done.stdout)["environments"][0]["failure"]
        assert (done.returncode, failure["kind"]) == (2, kind)
        assert failure["message"].startswith(words)
    done = site.drift()
    assert done.returncode == 2
    assert done.stdout.endswith("\nNo drift in what was compared. Not checked: production.\n")
    site.server.drop(empty)


def test_a_snapshot_in_place_of_a_url(site: Site, tmp_path: Path) -> None:
    execute(site.live, "DROP INDEX ix_customers_email_lower")
    made = site.run("snapshot", DATABASE_URL=site.live.url())
    assert made.returncode == 0, made.stderr
    assert site.live.password not in made.stdout
    file = tmp_path / "schema.json"
    file.write_text(made.stdout)
    code, answer = site.check(None, "--snapshot", f"production={file}")
    (item,) = answer["environments"][0]["comparison"]["items"]
    assert (code, item["name"], item["found"]) == (1, "ix_customers_email_lower", "missing in actual")
    file.write_text("{}")
    done = site.drift("--snapshot", f"production={file}")
    assert done.returncode == 2
    assert "is no snapshot made by `specwright snapshot`" in done.stdout


def test_a_spec_that_is_kept_no_more(site: Site) -> None:
    spec = """specwright: 1
issue: 7
title: Points
data_model:
  tables:
    customers:
      columns:
        points: {type: integer, nullable: false, default: '0', index: true}
"""
    text = f'''"""Points.

Spec: issue #7.
"""
import sqlalchemy as sa
from alembic import op

revision = "aaaa1111bbbb"
down_revision = "{HEAD}"


def upgrade() -> None:
    op.add_column("customers", sa.Column("points", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("customers", "points")
'''
    site.commit({"specs/7-points.yml": spec, "migrations/versions/aaaa1111bbbb_points.py": text})
    code, answer = site.check(None, "--offline")
    models, promised = answer["comparisons"]
    assert (code, promised["expected"], answer["notes"]) == (1, "specs/7-points.yml", [])
    assert [(item["kind"], item["name"]) for item in promised["items"]] == [("index", "ix_customers_points")]
    assert promised["items"][0]["to_expected"]["statements"] == [
        "CREATE INDEX ix_customers_points ON customers (points)"
    ]
    assert [item["title"] for item in models["items"]] == [
        "column customers.points: only in the migrations, not in the models"
    ]
