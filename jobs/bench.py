"""A tree and what its code needs to run: environment, sandbox, scratch databases, Alembic. Each opened at first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.config import RepositoryConfig
from bot.workspace.tree import Tree

if TYPE_CHECKING:
    from bot.migration.alembic_runner import AlembicRunner
    from bot.workspace.databases import ScratchServer
    from bot.workspace.environment import Environment
    from bot.workspace.sandbox import Sandbox
    from bot.workspace.workspace import Workspace


class Machines(Protocol):
    """What runs code and keeps databases: `Parts`, or whoever has the two."""

    @property
    def sandbox(self) -> Sandbox:
        """Where the repository's code runs."""

    @property
    def scratch_server(self) -> ScratchServer:
        """Where its databases are."""


@dataclass
class Bench:
    """`directory` is the bench's own; the tree lies in it.

    `environments` is the repository's own cache: what builds run there could change for another's what it finds in it.
    """

    machines: Machines
    environments: Path
    config: RepositoryConfig
    directory: Path
    tree: Tree

    @cached_property
    def environment(self) -> Environment:
        """The repository's interpreter and packages. Raises `EnvironmentFailed`."""
        from bot.workspace.environment import ensure_environment

        return ensure_environment(self.tree.path, self.config, self.machines.sandbox, self.environments)

    @cached_property
    def workspace(self) -> Workspace:
        """The tree with its sandbox, environment and scratch databases."""
        from bot.workspace.workspace import Workspace

        scratch = self.directory / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        server, sandbox = self.machines.scratch_server, self.machines.sandbox
        return Workspace(self.tree, self.environment, server, sandbox, self.config, scratch)

    @cached_property
    def runner(self) -> AlembicRunner:
        """The repository's Alembic. Raises `MigrationSetupError`."""
        from bot.migration.alembic_runner import AlembicRunner
        from bot.migration.project import find_project

        return AlembicRunner(self.workspace, find_project(self.tree.path, self.config))

    def close(self) -> None:
        """Ends what runs in the tree and gives it back."""
        if "runner" in self.__dict__:
            self.runner.close()
        self.tree.close()
