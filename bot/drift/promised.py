"""Reads what the committed specs promised, by carrying each out again on the schema that it was written for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.drift.promises import Promise
from bot.migration.alembic_runner import AlembicRunner, History
from bot.migration.bookkeeping import take_snapshot
from bot.migration.revision_source import RevisionSource
from bot.migration.target import TargetError, build_target
from bot.spec.canonical import read_canonical
from bot.spec.errors import SpecError
from bot.spec.model import DataModel
from bot.workspace.databases import Database

SPEC_PATH = re.compile(r"specs/(\d+)-[^/]+\.yml")


@dataclass(frozen=True, slots=True)
class Promised:
    """The promises, oldest first; `notes` say which specs could not be compared, and why."""

    promises: tuple[Promise, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A spec, and the revisions that the one which implements it first stands on."""

    path: str
    model: DataModel
    below: tuple[str, ...]
    place: int


def read_promises(
    runner: AlembicRunner,
    specs: Mapping[str, str],
    sources: Mapping[str, RevisionSource],
    history: History,
    naming: Mapping[str, str] | None,
) -> Promised:
    """The promises of `specs`, texts by their paths. A spec without a data model promises nothing here.

    A spec's first revision is found by what the bot writes into it ("Spec: issue #7."). Raises `MigrationError` when
    the history cannot be upgraded.
    """
    placed, notes = _place(specs, sources, history)
    found = [*_carry_out_all(runner, placed, naming)] if placed else []
    promises = tuple(item for item in found if isinstance(item, Promise))
    return Promised(promises, (*notes, *(item for item in found if isinstance(item, str))))


def _carry_out_all(
    runner: AlembicRunner, placed: Sequence[_Placed], naming: Mapping[str, str] | None
) -> Iterator[Promise | str]:
    """One database goes up the history; each spec is carried out on a copy of it."""
    server = runner.workspace.server
    with server.dropping(server.create()) as database:
        for spec in placed:
            for revision in spec.below:
                runner.upgrade(database, revision)
            yield _carry_out(runner, database, spec, naming)


def _place(
    specs: Mapping[str, str], sources: Mapping[str, RevisionSource], history: History
) -> tuple[list[_Placed], list[str]]:
    placed: list[_Placed] = []
    notes: list[str] = []
    for path, text in sorted(specs.items()):
        try:
            model = read_canonical(text).data_model
        except SpecError as error:
            notes.append(f"{path} cannot be read: {error}")
            continue
        match = SPEC_PATH.fullmatch(path)
        if match is None or model.is_empty:
            continue
        first = next(_find_revisions(int(match[1]), sources, history), None)
        if first is None:
            notes.append(f"{path} was not compared: no revision says “Spec: issue #{match[1]}.”")
        else:
            place, below = first
            placed.append(_Placed(path, model, below, place))
    return sorted(placed, key=lambda spec: spec.place), notes


def _find_revisions(
    issue: int, sources: Mapping[str, RevisionSource], history: History
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Those that implement the issue, oldest first: their places in the history and what they stand on."""
    said = re.compile(rf"Spec: issue #{issue}\.")
    for place, revision in enumerate(reversed(history.revisions)):
        source = sources.get(revision.revision)
        if source is not None and said.search(source.text):
            yield place, (*revision.down_revisions, *revision.depends_on)


def _carry_out(
    runner: AlembicRunner, database: Database, spec: _Placed, naming: Mapping[str, str] | None
) -> Promise | str:
    server = runner.workspace.server
    with server.dropping(server.copy(database)) as copy:
        with copy.connect() as connection:
            before = take_snapshot(connection)
        try:
            with copy.connect() as connection:
                build_target(connection, before, spec.model, naming=naming or None)
        except TargetError as error:
            return f"{spec.path} was not compared: {error}"
        with copy.connect() as connection:
            return Promise(spec.path, before, take_snapshot(connection))
