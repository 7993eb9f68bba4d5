"""What the steps of one run share: its record, its parts, and what is opened when a step first needs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.spec.canonical import slugify
from bot.spec.reader import read_spec
from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree

from bot.config import RepositoryConfig, parse_repository_config
from bot.github.protocol import GitHubClient
from bot.spec.model import Spec
from bot.store import Run, Store
from jobs.parts import Parts


@dataclass
class RunContext:
    """A run while it is worked on. Everything here can be made again from the store, on any machine."""

    run: Run
    parts: Parts
    github: GitHubClient
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The bot's own database."""
        return self.parts.store

    @cached_property
    def spec(self) -> Spec:
        """The spec as it stood in the delivery that started the run."""
        return read_spec(self.run.title, self.run.body)

    @property
    def branch(self) -> str:
        """The branch that the run pushes: the same for every run of the issue while its title stands."""
        return f"specwright/{self.run.issue}-{slugify(self.run.title)}"

    @property
    def base_commit(self) -> str:
        """Full SHA that the run is pinned to."""
        return str(self.outputs["checkout"]["base_commit"])

    @property
    def base_branch(self) -> str:
        """The branch that the pull request goes to."""
        return str(self.outputs["checkout"]["base_branch"])

    @cached_property
    def config(self) -> RepositoryConfig:
        """The repository's config as it stood when the run began."""
        return parse_repository_config(self.outputs["checkout"]["config"])

    @cached_property
    def mirror(self) -> Mirror:
        """The bare mirror of the repository on this machine."""
        info = self.github.get_repository(self.run.repository)
        return Mirror(self.parts.settings.data_dir.absolute() / "mirrors", self.run.repository, info.clone_url)

    @cached_property
    def tree(self) -> Tree:
        """The run's files: the base commit with the patch of the last finished step."""
        self._ensure_fetched()
        tree = Tree.open(self.mirror, self.base_commit, self._run_dir / "tree")
        patch = self._find_patch()
        if patch:
            tree.apply(patch)
        return tree
