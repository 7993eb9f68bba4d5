"""Checks a commit for drift: models, migrations, specs and live databases side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.config import RepositoryConfig
from bot.drift.compare import compare_schemas
from bot.drift.history import HistoryItem, check_edits, check_position, check_tree
from bot.drift.ignoring import ignore_history, ignore_items
from bot.drift.item import Comparison
from bot.drift.live import BadSnapshot, Environment, Failure, Structure, read_file, read_live, read_text
from bot.drift.models_side import complete_models
from bot.drift.promised import SPEC_PATH, read_promises
from bot.drift.promises import compare_promises
from bot.drift.report import Report
from bot.drift.revisions import Position, find_position
from bot.drift.touched import describe_touching, find_touching
from bot.live.session import LiveUnavailable
from bot.migration.alembic_runner import AlembicRunner, History
from bot.migration.baseline import ensure_schema
from bot.migration.models_schema import find_models_schema
from bot.migration.revision_source import RevisionSource
from bot.schema.codec import fingerprint
from bot.schema.model import Schema
from bot.workspace.mirror import Mirror
from jobs.checkout import Say
from jobs.revision_files import find_elsewhere, read_last_commits, read_merged_digests, read_sources

MAX_SPEC_BYTES = 1 << 20
MIGRATIONS = "the migrations"
MODELS = "the models"


@dataclass(frozen=True, slots=True)
class Asked:
    """A live database to compare with: its URL, or what `specwright snapshot` made, as a file or its text.

    None of them is a failure.
    """

    name: str
    url: str | None = None
    file: Path | None = None
    timeout_seconds: float = 5
    missing: str = "there is no URL for it"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class _Repository:
    """What was read of the repository; `schema` is that of its heads."""

    runner: AlembicRunner
    mirror: Mirror
    commit: str
    history: History
    sources: Mapping[str, RevisionSource]
    schema: Schema


@dataclass(frozen=True, slots=True)
class DriftChecker:
    """`say` hears of progress."""

    say: Say

    def run(
        self,
        mirror: Mirror,
        commit: str,
        config: RepositoryConfig,
        runner: AlembicRunner,
        asked: Sequence[Asked],
        today: date,
    ) -> Report:
        """Everything that can be compared at that commit, whose files the runner works in.

        Raises `EnvironmentFailed`, `MigrationError`, `GitError`: then nothing could be compared at all.
        """
        self.say(f"{commit[:10]}: environment, schema of the migrations")
        history = runner.history()
        sources = read_sources(mirror, commit, history)
        schema = ensure_schema(runner.workspace, runner, history.heads)
        report = self._check(_Repository(runner, mirror, commit, history, sources, schema), config, asked, today)
        return replace(report, touched=_find_touched(mirror, history, sources, report))

    def _check(self, repository: _Repository, config: RepositoryConfig, asked: Sequence[Asked], today: date) -> Report:
        rules = config.drift.ignore
        comparisons, notes = self._compare_tree(repository)
        environments, history = [], [*check_tree(repository.history, repository.sources)]
        for one in asked:
            environment, found = self._ask(repository, one)
            environments.append(environment)
            history += found
        history += _check_edits(repository, environments)
        return Report(
            repository.commit,
            tuple(ignore_items(item, rules, today) for item in comparisons),
            tuple(
                item
                if item.comparison is None
                else replace(item, comparison=ignore_items(item.comparison, rules, today))
                for item in environments
            ),
            ignore_history(history, rules, today),
            notes,
        )

    def _compare_tree(self, repository: _Repository) -> tuple[list[Comparison], tuple[str, ...]]:
        self.say("the models")
        runner, schema = repository.runner, repository.schema
        models = find_models_schema(runner, schema)
        comparisons, notes = [], []
        if models is None:
            notes.append("env.py names no models (target_metadata), so the migrations were not compared with any")
        else:
            expected = complete_models(models.schema, schema)
            comparisons.append(compare_schemas(expected, schema, expected_name=MODELS, actual_name=MIGRATIONS))
        specs = _read_specs(repository.mirror, repository.commit)
        if specs:
            self.say(f"{len(specs)} spec{'s' if len(specs) > 1 else ''}")
            promised = read_promises(
                runner, specs, repository.sources, repository.history, None if models is None else models.naming
            )
            comparisons += compare_promises(promised.promises, schema, MIGRATIONS)
            notes += promised.notes
        return comparisons, tuple(notes)

    def _ask(self, repository: _Repository, asked: Asked) -> tuple[Environment, Iterable[HistoryItem]]:
        """What one environment says. Never raises for one that does not answer: that is its result."""
        self.say(asked.name)
        try:
            structure = _read_structure(asked)
        except LiveUnavailable as error:
            return Environment(asked.name, Failure(error.kind, str(error))), ()
        except BadSnapshot as error:
            return Environment(asked.name, Failure("snapshot", str(error))), ()
        if structure is None:
            return Environment(asked.name, Failure("url", asked.missing)), ()
        if structure.is_empty:
            words = "there is nothing in it: is it the right database?"
            return Environment(asked.name, Failure("empty", words), server_version=structure.server_version), ()
        return _compare_live(repository, asked.name, structure)


def _read_structure(asked: Asked) -> Structure | None:
    if asked.file is not None:
        return read_file(asked.file)
    if asked.text is not None:
        return read_text(asked.text)
    return None if asked.url is None else read_live(asked.url, asked.timeout_seconds)


def _compare_live(
    repository: _Repository, name: str, structure: Structure
) -> tuple[Environment, tuple[HistoryItem, ...]]:
    """Compared with the schema of the revisions that it has run: what it has yet to run is no difference."""
    known = frozenset(revision.revision for revision in repository.history.revisions)
    versions = structure.find_versions(known)
    position, found = None, tuple[HistoryItem, ...]()
    if versions is None:
        found = (_say_unmanaged(name),)
    else:
        elsewhere = {}
        if not set(versions.revisions) <= known:
            folders = [path.as_posix() for path in repository.runner.project.version_locations]
            elsewhere = find_elsewhere(repository.mirror, folders, repository.history)
        position = find_position(versions.revisions, repository.history, elsewhere)
        found = tuple(check_position(name, position, elsewhere))
    expected = _find_expected(repository, position)
    words = MIGRATIONS if position is None or position.state == "level" else f"{MIGRATIONS} that it has run"
    comparison = compare_schemas(expected, structure.schema, expected_name=words, actual_name=name)
    return Environment(name, None, comparison, position, structure.server_version, fingerprint(structure.schema)), found


def _find_expected(repository: _Repository, position: Position | None) -> Schema:
    if position is None or position.compared_at is None or not position.behind:
        return repository.schema
    return ensure_schema(repository.runner.workspace, repository.runner, position.compared_at)


def _say_unmanaged(name: str) -> HistoryItem:
    return HistoryItem(
        "unmanaged",
        "correctness",
        name,
        f"{name} has tables but no version table, so nobody knows which revisions it has run",
        "compare, then `alembic stamp` the revision whose schema it has",
    )


def _check_edits(repository: _Repository, environments: Iterable[Environment]) -> Iterable[HistoryItem]:
    """Once for all environments that have run a revision."""
    positions = [item.position for item in environments if item.position is not None]
    if not positions:
        return ()
    digests = read_merged_digests(repository.mirror, repository.commit, repository.sources)
    applied = frozenset[str]().union(*(position.applied for position in positions))
    return check_edits(replace(positions[0], applied=applied), repository.sources, digests)


def _find_touched(
    mirror: Mirror, history: History, sources: Mapping[str, RevisionSource], report: Report
) -> dict[str, str]:
    newest_first = [sources[item.revision] for item in history.revisions if item.revision in sources]
    touching = find_touching(report, newest_first)
    paths = {source.path for source in touching.values() if source is not None}
    return describe_touching(report, touching, read_last_commits(mirror, report.commit, sorted(paths)))


def _read_specs(mirror: Mirror, commit: str) -> dict[str, str]:
    """The committed specs, by their paths."""
    specs = {}
    for path in mirror.list_files(commit, "specs"):
        content = mirror.read_file(commit, path, MAX_SPEC_BYTES) if SPEC_PATH.fullmatch(path) else None
        if content is not None:
            specs[path] = content.decode(errors="replace")
    return specs
