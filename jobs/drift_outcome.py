"""What a drift check of a repository on GitHub comes to: a report, or why there is none."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import ConfigError, RepositoryConfig
from bot.drift.report import Report
from bot.drift.since import carry_on
from bot.github.errors import GitHubError
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.errors import MigrationError
from bot.store import DriftCheck, DriftStatus
from bot.workspace.databases import ScratchServerError
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.git_errors import GitError
from bot.workspace.mirror import Mirror
from bot.workspace.overlay import unmount_below
from bot.workspace.sandbox import SandboxUnavailable
from bot.workspace.tree import Tree
from jobs.bench import Bench
from jobs.checkout import read_config
from jobs.drift_checker import Asked, DriftChecker
from jobs.endings import LeaseLost
from jobs.interruption import interruption_first
from jobs.parts import Parts
from jobs.queue import StepTimeout, step_time_limit

logger = logging.getLogger(__name__)

# Each says itself what is wrong; whoever runs `specwright drift` gets the same sentence.
REFUSALS = (
    ConfigError,
    EnvironmentFailed,
    GitError,
    GitHubError,
    MigrationError,
    SandboxUnavailable,
    ScratchServerError,
)
MAX_FAILURE_CHARACTERS = 2000
MAX_SNAPSHOT_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DriftOutcome:
    """`failure` says what could not be checked, None when everything was. `config` and `commit` as far as known."""

    report: Report | None = None
    failure: str | None = None
    commit: str | None = None
    config: RepositoryConfig | None = None

    @property
    def status(self) -> DriftStatus:
        """As the exit code of `specwright drift`: what could not be checked comes first."""
        if self.report is None or self.failure is not None:
            return "could_not_check"
        return "drift" if self.report.has_drift else "none"

    def carry_on(self, previous: Mapping[str, str], now: datetime) -> dict[str, str]:
        """When each difference was first seen, `previous` being what the check before this one knew."""
        return {} if self.report is None else carry_on(previous, self.report, now.isoformat(timespec="seconds"))


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the default branch, in the mirror."""

    mirror: Mirror
    commit: str


def find_outcome(parts: Parts, check: DriftCheck, may_pass: tuple[type[Exception], ...]) -> DriftOutcome:
    """Checks the head of the default branch. Raises what `may_pass` names, and `LeaseLost`."""
    commit, config = None, None
    try:
        with step_time_limit(parts.settings.step_timeout_seconds), interruption_first():
            head = _fetch(parts, check)
            commit = head.commit
            config = read_config(head.mirror, commit)
            return _check(parts, check, head, config)
    except LeaseLost:
        raise
    except may_pass:
        raise
    except (*REFUSALS, StepTimeout) as error:
        return DriftOutcome(None, str(error)[:MAX_FAILURE_CHARACTERS], commit, config)
    except Exception as error:
        logger.exception("drift check failed", extra={"check": check.id, "repository": check.repository})
        words = f"an error that nobody foresaw ({type(error).__name__}); the bot's log says more"
        return DriftOutcome(None, words, commit, config)


def _fetch(parts: Parts, check: DriftCheck) -> Head:
    github = parts.open_github(check.installation_id)
    info = github.get_repository(check.repository)
    mirror = Mirror(_get_data_dir(parts) / "mirrors", check.repository, info.clone_url)
    mirror.fetch(github.token())
    commit = mirror.find_commit(info.default_branch)
    if commit is None:
        raise GitError(f"the default branch {info.default_branch!r} has no commit")
    return Head(mirror, commit)


def _check(parts: Parts, check: DriftCheck, head: Head, config: RepositoryConfig) -> DriftOutcome:
    asked = [_make_asked(parts, check.repository, name, config) for name in config.drift.environments]
    with _open_runner(parts, check, head, config) as runner:
        checker = DriftChecker(lambda what: logger.info("%s", what, extra={"check": check.id}))
        report = checker.run(head.mirror, head.commit, config, runner, asked, datetime.now(UTC).date())
    failures = [f"{item.name}: {item.failure.message}" for item in report.environments if item.failure is not None]
    return DriftOutcome(report, "; ".join(failures)[:MAX_FAILURE_CHARACTERS] or None, head.commit, config)


def _make_asked(parts: Parts, repository: str, name: str, config: RepositoryConfig) -> Asked:
    timeout_seconds = config.drift.environments[name].statement_timeout_seconds
    try:
        url = parts.settings.find_live_url(repository, name)
    except ConfigError as error:
        return Asked(name, missing=str(error))
    if url is None:
        return _make_sent(parts, repository, name)
    return Asked(name, url.get_secret_value(), timeout_seconds=timeout_seconds)


def _make_sent(parts: Parts, repository: str, name: str) -> Asked:
    """The snapshot that was sent, unless it is too old to say anything of today."""
    snapshot = parts.store.find_snapshot(repository, name)
    if snapshot is None:
        return Asked(name, missing=f"the bot has no URL for {repository}/{name}, and no snapshot was sent")
    if datetime.now(UTC) - snapshot.received > MAX_SNAPSHOT_AGE:
        return Asked(name, missing=f"the newest snapshot was sent on {snapshot.received:%Y-%m-%d}: too long ago")
    return Asked(name, text=snapshot.content)


@contextmanager
def _open_runner(parts: Parts, check: DriftCheck, head: Head, config: RepositoryConfig) -> Iterator[AlembicRunner]:
    directory = _get_data_dir(parts) / "drift" / str(check.id)
    unmount_below(directory)  # of an attempt whose worker was killed
    tree = Tree.open(head.mirror, head.commit, directory / "tree")
    bench = Bench(parts, _get_data_dir(parts) / "environments" / check.repository, config, directory, tree)
    try:
        yield bench.runner
    finally:
        bench.close()
        shutil.rmtree(directory, ignore_errors=True)


def _get_data_dir(parts: Parts) -> Path:
    return parts.settings.data_dir.absolute()
