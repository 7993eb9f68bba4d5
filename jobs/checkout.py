"""A checkout on this machine as the bot sees a repository: its commits mirrored, its code in the sandbox."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.config import CONFIG_PATH, RepositoryConfig, read_repository_config
from bot.migration.alembic_runner import AlembicRunner
from bot.workspace.databases import ScratchServer
from bot.workspace.git import Git
from bot.workspace.mirror import Mirror
from bot.workspace.sandbox import Sandbox
from bot.workspace.tree import Tree
from jobs.bench import Bench, Machines

MAX_CONFIG_BYTES = 100_000

Say = Callable[[str], None]


class NoBase(Exception):
    """It is not known which commit is meant; the message says how to name one."""


class Local(Machines, Protocol):
    """What runs code, and a folder that keeps mirror and environments for the next time."""

    @property
    def data_dir(self) -> Path:
        """The folder."""


@dataclass(frozen=True, slots=True)
class LocalMachines:
    """The parts of `Local`, held together."""

    data_dir: Path
    sandbox: Sandbox
    scratch_server: ScratchServer


def open_mirror(data_dir: Path, git: Git, commits: Sequence[str]) -> Mirror:
    """A mirror of the checkout that has these commits. Raises `GitError`."""
    shared = git.run("rev-parse", "--path-format=absolute", "--git-common-dir").decode().strip()
    mirror = Mirror(data_dir / "mirrors", "local/repository", Path(shared).as_uri())
    mirror.fetch(None)
    for commit in commits:
        mirror.ensure_commit(commit, None)
    return mirror


@contextmanager
def open_runner(
    local: Local, mirror: Mirror, commit: str, config: RepositoryConfig, name: str
) -> Iterator[AlembicRunner]:
    """Alembic in a tree of the commit, in a folder of that name which is gone at the end."""
    directory = local.data_dir / "verify" / name
    tree = Tree.open(mirror, commit, directory / "tree")
    bench = Bench(local, local.data_dir / "environments", config, directory, tree)
    try:
        yield bench.runner
    finally:
        bench.close()
        shutil.rmtree(directory, ignore_errors=True)


def find_git_directory(repository: Path) -> Path:
    """The git directory of the checkout that `repository` lies in. Raises `NoBase`."""
    for folder in (repository.absolute(), *repository.absolute().parents):
        git = folder / ".git"
        if git.is_file():  # a linked worktree: https://git-scm.com/docs/gitrepository-layout
            return (folder / git.read_text().removeprefix("gitdir:").strip()).resolve()
        if git.is_dir():
            return git
    raise NoBase(f"{repository} is in no git repository; what counts must be committed")


def find_commit(git: Git, name: str) -> str:
    """The full id of the commit. Raises `NoBase`."""
    answer = git.try_run("rev-parse", "--quiet", "--verify", "--end-of-options", f"{name}^{{commit}}")
    if answer.returncode != 0:
        raise NoBase(f"git knows no commit {name!r} in this repository")
    return answer.text.strip()


def read_config(mirror: Mirror, commit: str) -> RepositoryConfig:
    """The repository's config as it stands in the commit. Raises `ConfigError`."""
    content = mirror.read_file(commit, CONFIG_PATH, MAX_CONFIG_BYTES)
    return read_repository_config(content)
