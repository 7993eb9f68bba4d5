"""The law of writing, checked of one pair of schemas in a database that is used again and again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from bot.migration.contents import Contents, Loss, Name, find_losses, read_contents
from bot.migration.losses import find_losses_on_the_way
from bot.migration.renames import Rename, apply_renames, find_applicable
from bot.migration.rows import fill
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.part_words import render_name
from tests.migration.drawn import Statement
from tests.migration.refusals import empty_tables, is_of_rows
from tests.migration.revisions import POLICIES, Pair, Project, Written, show

Rows = Mapping[Name, Contents]


@dataclass(frozen=True)
class Stage:
    """Two schemas as statements: the second starts at the first one (`stays`) or at nothing."""

    before: Sequence[Statement]
    after: Sequence[Statement]
    stays: bool
    policy: str


class Place(Protocol):
    """The database in which the law is checked."""

    @property
    def engine(self) -> sa.Engine: ...

    def build(self, stage: Stage) -> tuple[Pair, tuple[Rename, ...]]:
        """Let it stand at the first schema; what both are, and the renames that the writer is to be told."""

    def undone(self) -> AbstractContextManager[None]:
        """What was done in it is taken back when it raises."""


class Law:
    """Checks it in one database."""

    def __init__(self, place: Place) -> None:
        self.place, self.engine = place, place.engine

    def check(self, stage: Stage) -> None:
        """Raises `AssertionError`, with the revisions, where they do not lead there and back."""
        pair, renames = self.place.build(stage)
        assert diff(pair.before, pair.before) == diff(pair.after, pair.after) == ()
        rows = self._fill(pair.before)
        with tempfile.TemporaryDirectory() as folder:
            project = Project(Path(folder), self.engine, POLICIES[stage.policy])
            written = project.write(pair, renames)
            with _told(written):
                self._go(project, pair, renames, rows)

    def _go(self, project: Project, pair: Pair, renames: Sequence[Rename], rows: Rows) -> None:
        stayed = self._run(project.upgrade, pair.before, rows)
        _compare("upgrade", project.look(), pair.after)
        stayed = self._run(project.downgrade, None, {}) and stayed
        _compare("downgrade", project.look(), pair.before)
        if stayed:
            lost = find_losses(rows, self._read(pair.before))
            unsaid = [loss for loss in lost if not _is_said(loss, pair, renames)]
            assert not unsaid, f"rows are lost and nothing says so: {unsaid}"
        self._run(project.upgrade, None, {})
        _compare("second upgrade", project.look(), pair.after)

    def _run(self, run: Callable[[], Schema], start: Schema | None, rows: Rows) -> bool:
        """Whether the rows let it pass. Where they do not, the tables are emptied and it is run again."""
        try:
            with self.place.undone():
                run()
            return True
        except sa.exc.DBAPIError as error:
            if not is_of_rows(error):
                raise
        empty_tables(self.engine)
        run()
        return False

    def _fill(self, schema: Schema) -> Rows:
        with self.engine.begin() as connection:
            fill(connection, schema, [(table.schema, table.name) for table in schema.tables])
        return self._read(schema)

    def _read(self, schema: Schema) -> Rows:
        with self.engine.begin() as connection:
            return read_contents(connection, schema.tables)


@contextmanager
def _told(written: Written) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{error}\n\n{written.text}") from error


def _compare(name: str, found: Schema, wanted: Schema) -> None:
    difference = material(diff(found, wanted))
    assert difference == (), f"{name} misses its end:\n{show(difference)}"


def _is_said(loss: Loss, pair: Pair, renames: Sequence[Rename]) -> bool:
    """Whether the writer tells of it: of the column, or of the whole table; what is lost of a key, loses its rows."""
    known = find_applicable(pair.before, renames)
    renamed = apply_renames(pair.before, known)
    lines = find_losses_on_the_way(renamed, pair.after)
    old = next(table for table in pair.before.tables if render_name(table.schema, table.name) == loss.table)
    name = old.name
    for rename in known:
        name = rename.after if (rename.kind, rename.before) == ("table", name) else name
    new = renamed.find_table(name, old.schema)
    assert new is not None
    where = render_name(new.schema, new.name)
    if any(line.startswith(f"the rows of {where} go") for line in lines):
        return True
    names = {was.name: now.name for was, now in zip(old.columns, new.columns, strict=True)}
    said = {was for was, now in names.items() if any(f" of {where}.{now} " in line for line in lines)}
    computed = {column.name for column in old.columns if column.generated is not None}
    key = set(old.primary_key.columns) if old.primary_key else set()
    return loss.column in said or bool(said and (loss.column is None or loss.column in computed or said & key))
