"""A repository of a few files, opened as the bot opens one: a real tree, sandbox, scratch server and Alembic."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.config import RepositoryConfig
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base, ensure_base
from bot.migration.bookkeeping import take_snapshot
from bot.migration.project import find_project
from bot.migration.proof import prove
from bot.migration.proof_result import Proof
from bot.schema.model import Schema
from bot.workspace.databases import Database, ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.mirror import Mirror
from bot.workspace.sandbox import Sandbox
from bot.workspace.tree import Tree
from bot.workspace.workspace import Workspace
from tests.migration.projects import plain_project, write_files
from tests.workspace.repositories import Origin


@dataclass
class Bench:
    """`workspace.tree.path` may be written to, as the bot writes revisions."""

    workspace: Workspace
    runner: AlembicRunner
    databases: list[Database]

    def create(self, template: str | None = None) -> Database:
        """A scratch database that is dropped after the test."""
        self.databases.append(self.workspace.server.create(template))
        return self.databases[-1]

    def write(self, files: Mapping[str, str]) -> None:
        """Write files into the tree."""
        write_files(self.workspace.tree.path, files)

    def ensure_base(self) -> Base:
        """The base of the tree as it is now."""
        return ensure_base(self.workspace, self.runner)

    def prove(self, base: Base, target: Schema | None = None, revision: str = "heads") -> Proof:
        """The proof of what was written on top of the base."""
        return prove(self.workspace, self.runner, base, target, revision)

    def look(self, database: Database) -> Schema:
        """The schema of a scratch database."""
        with database.connect() as connection:
            return take_snapshot(connection)

    def close(self) -> None:
        """End Alembic and drop the databases."""
        self.runner.close()
        for database in self.databases:
            with suppress(Exception):
                self.workspace.server.drop(database)


class Benches:
    """Opens benches in a folder and closes them all."""

    def __init__(self, root: Path, sandbox: Sandbox, server: ScratchServer, environment: Environment) -> None:
        self.root, self.sandbox, self.server, self.environment = root, sandbox, server, environment
        self.ends = ExitStack()
        self.numbers = itertools.count()

    def open(
        self,
        files: Mapping[str, str] | None = None,
        *,
        config: RepositoryConfig | None = None,
        start: Callable[[Path, Mapping[str, str] | None], Path] = plain_project,
    ) -> Bench:
        """A repository of `start` (two revisions, see projects.py) with `files` besides or instead."""
        folder = self.root / str(next(self.numbers))
        source = start(folder / "source", files)
        origin = Origin.make(folder / "origin.git")
        paths = [path for path in source.rglob("*") if path.is_file()]
        commit = origin.commit({path.relative_to(source).as_posix(): path.read_bytes() for path in paths})
        mirror = Mirror(folder / "mirrors", "acme/shop", origin.url)
        mirror.fetch(None)
        tree = Tree.open(mirror, commit, folder / "run" / "tree")
        self.ends.callback(tree.close)
        scratch = folder / "scratch"
        scratch.mkdir()
        config = config or RepositoryConfig()
        workspace = Workspace(tree, self.environment, self.server, self.sandbox, config, scratch)
        bench = Bench(workspace, AlembicRunner(workspace, find_project(tree.path, config)), [])
        self.ends.callback(bench.close)
        return bench

    def close(self) -> None:
        """Close what was opened."""
        self.ends.close()
