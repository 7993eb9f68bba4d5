"""The target's own interpreter and its own SQLAlchemy and Alembic are used, whichever these are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.workspace.databases import ScratchServer
from bot.workspace.python_version import find_interpreter
from bot.workspace.sandbox import Sandbox
from tests.migration.bench import Benches
from tests.migration.layouts.environments import ensure_target
from tests.migration.layouts.projects import NOTE, Layout
from tests.migration.layouts.walk import expect_models_agree, walk
from tests.migration.projects import write_files

LAYOUT = Layout("versions")


@dataclass(frozen=True)
class Versions:
    """What a target has installed."""

    python: str
    sqlalchemy: str
    alembic: str
    driver: str

    def __str__(self) -> str:
        return f"Python {self.python}, SQLAlchemy {self.sqlalchemy}, Alembic {self.alembic}, {self.driver}"

    @property
    def requirements(self) -> str:
        """Its requirements.txt."""
        return f"sqlalchemy=={self.sqlalchemy}\nalembic=={self.alembic}\n{self.driver}\n"


# Each Python, each SQLAlchemy with the oldest and the newest of each other, and an Alembic of the time.
MATRIX = (
    Versions("3.9", "1.4.54", "1.8.1", "psycopg2-binary==2.9.12"),
    Versions("3.9", "2.0.58", "1.16.5", "psycopg[binary]==3.2.13"),
    Versions("3.10", "2.0.58", "1.20.1", "psycopg[binary]==3.3.9"),
    Versions("3.11", "2.1.9", "1.20.1", "psycopg[binary]==3.3.9"),
    Versions("3.12", "1.4.54", "1.19.2", "psycopg2-binary==2.9.12"),
    Versions("3.13", "2.1.9", "1.20.1", "psycopg2-binary==2.9.12"),
    Versions("3.14", "2.1.9", "1.20.1", "psycopg[binary]==3.3.9"),
)


@pytest.mark.long
@pytest.mark.parametrize("versions", MATRIX, ids=str)
def test_the_whole_way_with_these_versions(
    tmp_path: Path, sandbox: Sandbox, scratch_server: ScratchServer, versions: Versions
) -> None:
    found = find_interpreter(write_files(tmp_path / "asked", {".python-version": versions.python}))
    if not found.resolve().name.startswith(f"python{versions.python}"):
        pytest.skip(f"no Python {versions.python} is installed on this machine")
    environment = ensure_target(sandbox, versions.requirements, versions.python)
    opened = Benches(tmp_path, sandbox, scratch_server, environment)
    try:
        bench = opened.open(config=RepositoryConfig(), start=LAYOUT.make_start(environment))
        walked = walk(bench, NOTE)
        expect_models_agree(walked)
        assert walked.proof.upgrade.is_observed
    finally:
        opened.close()
