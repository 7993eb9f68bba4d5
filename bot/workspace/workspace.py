"""A workspace: a tree with the environment, the sandbox and the database server that its code runs with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.config import RepositoryConfig
from bot.workspace.conversation import Conversation
from bot.workspace.databases import Database, ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import DEFAULT_LIMITS, Completed, Limits, Sandbox, Tether
from bot.workspace.tree import Tree


@dataclass(frozen=True, slots=True)
class Workspace:
    """`scratch_dir` is for what the repository's code hands the bot; it is not part of the tree.

    Repository code can put links in both folders: what the bot writes or reads there must not follow any. What the bot
    hands to the code is better kept elsewhere and named in `readable`.
    """

    tree: Tree
    environment: Environment
    server: ScratchServer
    sandbox: Sandbox
    config: RepositoryConfig
    scratch_dir: Path

    def run(
        self,
        argv: Sequence[str],
        database: Database | None = None,
        *,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        readable: Sequence[Path] = (),
    ) -> Completed:
        """Run `argv` in the tree, with the environment's programs first on PATH and no network.

        The server's socket is there only when a database is given. `env` wins over the repository's config; `readable`
        are further files and folders to be seen. Raises `SandboxUnavailable`.
        """
        return self._run(argv, readable, limits, has_databases=database is not None, env=env)

    def converse(self, argv: Sequence[str], *, readable: Sequence[Path] = ()) -> Conversation:
        """Start a program as `run` does, with the server's socket, which is kept to answer requests."""
        limits = replace(DEFAULT_LIMITS, timeout_seconds=math.inf)  # each request has its own
        return Conversation(lambda tether: self._run(argv, readable, limits, has_databases=True, tether=tether))

    def _run(
        self,
        argv: Sequence[str],
        readable: Sequence[Path],
        limits: Limits | None,
        *,
        has_databases: bool,
        env: Mapping[str, str] | None = None,
        tether: Tether | None = None,
    ) -> Completed:
        sockets = [self.server.socket_dir] if has_databases and self.server.socket_dir is not None else []
        return self.sandbox.run(
            argv,
            cwd=self.tree.path,
            writable=[self.tree.path, self.scratch_dir],
            readable=[*readable, self.environment.root, *self.environment.interpreter_paths, *sockets],
            env={**self._own_env(), **self.config.env, **(env or {})},
            limits=limits or DEFAULT_LIMITS,
            tether=tether,
        )

    @property
    def python_path(self) -> str:
        """Where the project is imported from: it is not installed, its dependencies are."""
        folders = [self.tree.path / "src", self.tree.path]  # as after `pip install -e .`
        return ":".join(str(folder) for folder in folders if folder.is_dir())

    def _own_env(self) -> dict[str, str]:
        programs = self.environment.python.parent
        return {
            "PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin",
            "VIRTUAL_ENV": str(self.environment.root),
            "PYTHONPATH": self.python_path,
            "PYTHONDONTWRITEBYTECODE": "1",  # the tree's changes are the run's result
        }
