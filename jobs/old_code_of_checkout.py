"""The tests of a checkout's base commit on the schema that its HEAD makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bot.config import RepositoryConfig
from bot.gates.old_code import judge
from bot.gates.result import GateResult
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.deploy_order import PlacedRevision
from bot.migration.old_code.meeting import run_watched_tests
from bot.workspace.mirror import Mirror
from bot.workspace.test_run import TestReport
from jobs.checkout import Local, open_runner
from jobs.old_code import OldSide, lay_over, meet_new_schema, read_files

LIMIT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Site:
    """Where the base commit is opened again, each time in a tree of its own."""

    local: Local
    mirror: Mirror
    base_commit: str
    config: RepositoryConfig

    @contextmanager
    def open_base(self, name: str, files: Mapping[str, str]) -> Iterator[AlembicRunner]:
        """Alembic in the base commit, the files laid over it."""
        with open_runner(self.local, self.mirror, self.base_commit, self.config, name) as runner:
            lay_over(runner.workspace.tree.path, files)
            yield runner


def try_old_code(
    site: Site, before: AlembicRunner, after: AlembicRunner, base: Base, revisions: Sequence[str]
) -> GateResult:
    """The gate, as if all of `revisions` were run before the code is deployed. Raises the workspace's errors."""
    tests = _run_tests(before, base)
    read = partial(read_files, after.workspace.tree.path)
    old = OldSide(base, tests, LIMIT_SECONDS, site.open_base, read)
    return judge(meet_new_schema(old, _place(after, revisions)), tests)


def _run_tests(runner: AlembicRunner, base: Base) -> TestReport:
    server = runner.workspace.server
    with server.dropping(server.create(base.template)) as database:
        return run_watched_tests(runner.workspace, runner, database)


def _place(runner: AlembicRunner, revisions: Sequence[str]) -> tuple[PlacedRevision, ...]:
    paths = {item.revision: item.path for item in runner.history().revisions}
    found = ((revision, paths[revision]) for revision in revisions)
    return tuple(PlacedRevision(name, None, path.as_posix(), "before") for name, path in found if path is not None)
