"""The models of a repository, changed by DDL on one hand and by the blueprint on the other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from tests.implement.building import build_models

BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop"


@dataclass(frozen=True)
class Laboratory:
    """Builds models in databases of their own."""

    make_database: Callable[[], sa.Engine]

    def build(self, tree: Path, models: str = "bookshop.models", prepare: str = "") -> sa.Engine:
        """A new database with the tables of the models under `tree`, as the repository's own process makes them."""
        engine = self.make_database()
        if prepare:
            self.run(engine, prepare)
        build_models(tree, models, engine.url.render_as_string(hide_password=False))
        return engine

    def run(self, engine: sa.Engine, ddl: str) -> None:
        """Run DDL as it stands: no percent sign in it is a parameter."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            assert connection.connection.driver_connection is not None
            connection.connection.driver_connection.execute(ddl)

    def read(self, engine: sa.Engine) -> Schema:
        """The schema of a database."""
        with engine.connect() as connection:
            return snapshot(connection)

    def change(self, tree: Path, ddl: str, models: str = "bookshop.models", prepare: str = "") -> Changed:
        """What `ddl` makes of the models' database."""
        engine = self.build(tree, models, prepare)
        before = self.read(engine)
        self.run(engine, ddl)
        after = self.read(engine)
        return Changed(engine, before, after, diff(before, after))


@dataclass(frozen=True)
class Changed:
    """A database before and after a change; the database itself is as after it."""

    engine: sa.Engine
    before: Schema
    after: Schema
    changes: tuple[Change, ...]


def copy_bookshop(folder: Path) -> Path:
    """A copy of the example that may be edited."""
    return Path(shutil.copytree(BOOKSHOP, folder / "bookshop"))


def differences(built: Schema, wanted: Schema) -> tuple[Change, ...]:
    """What would still have to change."""
    return material(diff(built, wanted))
