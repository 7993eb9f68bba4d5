"""What the steps of one run share: its record, its parts, and what is opened when a step first needs it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.config import Implementer, RepositoryConfig, parse_repository_config
from bot.github.protocol import GitHubClient
from bot.migration import deploy_order
from bot.migration.deploy_order import PlacedRevision
from bot.schema import codec
from bot.schema.change import Change
from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.spec.model import Spec
from bot.spec.reader import read_spec
from bot.store import Run, Store
from bot.workspace.mirror import Mirror
from bot.workspace.overlay import unmount_below
from bot.workspace.tree import Tree
from jobs.bench import Bench
from jobs.endings import Failed
from jobs.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.migration.baseline import Base
    from bot.workspace.databases import Database

WRITING_STEPS = ("logic", "schema")  # those whose output has a patch, the latest first


@dataclass
class RunContext:
    """A run while it is worked on. Everything here can be made again from the store, on any machine.

    `unfinished` is what a step that is not done yet has written so far, as a patch; `amended` is the target, if that
    step has added to it.
    """

    run: Run
    parts: Parts
    github: GitHubClient
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    unfinished: str | None = None
    amended: Schema | None = None

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
        """The branch that the run pushes."""
        return str(self.outputs["checkout"]["branch"])

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

    @property
    def implementer(self) -> Implementer:
        """Who writes the code. Raises `Failed` when the repository asks for a model that the bot has no key for."""
        has_key = self.parts.settings.anthropic_api_key is not None
        chosen = self.config.implementer or ("claude" if has_key else "blueprint")
        if chosen == "claude" and not has_key:
            raise Failed("no_key")
        return chosen

    @property
    def target(self) -> Schema | None:
        """The schema that the run leads to; None when it changes nothing in the database."""
        if self.amended is not None:
            return self.amended
        amended = self.outputs.get("logic", {}).get("target")
        content = self.outputs["schema"]["target"] if amended is None else amended
        return None if content is None else codec.from_json(content)

    @property
    def revisions(self) -> tuple[PlacedRevision, ...]:
        """The run's revisions in the order in which they are run, as they were written last."""
        amended = self.outputs.get("logic", {}).get("revisions")
        written = self.outputs["schema"]["revisions"] if amended is None else amended
        return tuple(map(deploy_order.from_json, written))

    @property
    def changes(self) -> tuple[Change, ...]:
        """What leads from the base to the target."""
        return () if self.target is None else diff(self.base.schema, self.target)

    @cached_property
    def mirror(self) -> Mirror:
        """The bare mirror of the repository on this machine."""
        info = self.github.get_repository(self.run.repository)
        return Mirror(self._data_dir / "mirrors", self.run.repository, info.clone_url)

    @cached_property
    def bench(self) -> Bench:
        """The run's files, the base commit with the patch of the last finished step, and what they need to run."""
        return self._open_bench("work", self.find_patch())

    @property
    def tree(self) -> Tree:
        """The run's files."""
        return self.bench.tree

    @cached_property
    def base(self) -> Base:
        """The schema at the base commit, as a template database. Raises `MigrationError` and `EnvironmentFailed`."""
        from bot.migration.baseline import ensure_base

        bench = self._open_bench("base", None)
        try:
            return ensure_base(bench.workspace, bench.runner)
        finally:
            bench.close()

    @property
    def directory(self) -> Path:
        """Where this run keeps its files on this machine."""
        return self._data_dir / "runs" / str(self.run.id)

    def find_patch(self) -> str | None:
        """What has been written so far."""
        if self.unfinished is not None:
            return self.unfinished
        return next((str(self.outputs[name]["patch"]) for name in WRITING_STEPS if name in self.outputs), None)

    def reset_tree(self) -> Tree:
        """The run's files made anew, without whatever the repository's own code did to them meanwhile.

        The bot writes into a tree only after this: a symlink that a test left behind would lead it out of the tree.
        """
        self._close_bench()
        return self.tree

    @contextmanager
    def scratch_database(self, template: str | None = None) -> Iterator[Database]:
        """A database for as long as the context is open."""
        server = self.parts.scratch_server
        with server.dropping(server.create(template)) as database:
            yield database

    @contextmanager
    def files(self, name: str, patch: str | None = None) -> Iterator[Path]:
        """The files of the base commit, with the patch, as long as the context is open: to be read, nothing runs there.

        `name` tells apart what is open at the same time.
        """
        self._ensure_base_commit()
        tree = Tree.open(self.mirror, self.base_commit, self.directory / f"files-{name}" / "tree")
        try:
            if patch:
                tree.apply(patch)
            yield tree.path
        finally:
            tree.close()

    @contextmanager
    def base_bench(self, name: str) -> Iterator[Bench]:
        """The base commit, ready to run, as long as the context is open."""
        bench = self._open_bench(name, None)
        try:
            yield bench
        finally:
            bench.close()

    def close(self) -> None:
        """Removes what the run keeps on this machine; nothing of it is needed to go on elsewhere."""
        self._close_bench()
        unmount_below(self.directory)  # of an attempt whose worker was killed
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _data_dir(self) -> Path:
        return self.parts.settings.data_dir.absolute()

    def _open_bench(self, name: str, patch: str | None) -> Bench:
        self._ensure_base_commit()
        directory = self.directory / name
        tree = Tree.open(self.mirror, self.base_commit, directory / "tree")
        if patch:
            tree.apply(patch)
        environments = self._data_dir / "environments" / self.run.repository
        return Bench(self.parts, environments, self.config, directory, tree)

    def _close_bench(self) -> None:
        held: dict[str, Any] = self.__dict__
        bench: Bench | None = held.pop("bench", None)
        if bench is not None:
            bench.close()

    def _ensure_base_commit(self) -> None:
        if not self.mirror.ensure_commit(self.base_commit, self.github.token()):
            raise Failed("base_rewritten", branch=self.base_branch, commit=self.base_commit)
