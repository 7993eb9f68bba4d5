"""Written revisions, run by a real Alembic on a real database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bot.config import MigrationsConfig
from bot.migration.conventions import RevisionConventions
from bot.migration.renames import Rename
from bot.migration.revision_file import RevisionFile, RevisionWords
from bot.migration.script_template import STOCK_TEMPLATE
from bot.migration.write import write_revisions
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot

ENV = """
from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()
"""
CREATED_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ONLINE = RevisionConventions(directory=Path("versions"), template=STOCK_TEMPLATE)
PLAIN = replace(ONLINE, migrations=MigrationsConfig(online=False))
POLICIES = {"online": ONLINE, "plain": PLAIN}


@dataclass(frozen=True)
class Written:
    """The revisions of one change, in their order."""

    files: tuple[RevisionFile, ...]

    @property
    def text(self) -> str:
        """All of them, one after the other."""
        return "\n\n".join(file.text for file in self.files)

    @property
    def code(self) -> list[str]:
        """What they do."""
        return [file.text.partition("def upgrade")[2] for file in self.files]

    @property
    def revision(self) -> str:
        """The last one."""
        return self.files[-1].revision


@dataclass(frozen=True)
class Pair:
    """The schema before and after some DDL."""

    before: Schema
    after: Schema


def execute(connection: sa.Connection, script: str) -> None:
    """Run a script of several statements as it is."""
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})


def take_pair(engine: sa.Engine, base: str, ddl: str, rows: str = "") -> Pair:
    """Build the base in the database, and find out what the DDL would make of it; the DDL is undone."""
    with engine.begin() as connection:
        execute(connection, base)
        before = snapshot(connection)
    with engine.connect() as connection:
        execute(connection, ddl)
        after = snapshot(connection)
        connection.rollback()
    if rows:
        with engine.begin() as connection:
            execute(connection, rows)
    return Pair(before, after)


def take_change(engine: sa.Engine, before: Schema, ddl: str) -> Pair:
    """As `take_pair`, in a database that holds the base already."""
    with engine.connect() as connection:
        execute(connection, ddl)
        after = snapshot(connection)
        connection.rollback()
    return Pair(before, after)


def write(
    conventions: RevisionConventions,
    pair: Pair,
    renames: Sequence[Rename] = (),
    message: str = "the change",
    head: str | None = None,
) -> Written:
    """The revisions of the change, on no disk yet."""
    words = RevisionWords(message)
    return Written(
        write_revisions(
            conventions, pair.before, pair.after, words, down_revision=head, created_at=CREATED_AT, renames=renames
        )
    )


class Project:
    """An Alembic project in a folder, whose revisions are written by us and run in this process."""

    def __init__(
        self,
        root: Path,
        engine: sa.Engine,
        conventions: RevisionConventions = PLAIN,
        script_location: str = "",
    ) -> None:
        self.root, self.engine, self.conventions = root, engine, conventions
        self.scripts = root / script_location
        (self.scripts / "versions").mkdir(parents=True, exist_ok=True)
        (self.scripts / "env.py").write_text(ENV)
        self.head: str | None = None

    def write(self, pair: Pair, renames: Sequence[Rename] = (), message: str = "the change") -> Written:
        """Write the next revisions."""
        written = write(self.conventions, pair, renames, message, self.head)
        for file in written.files:
            path = self.root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text)
        return written

    def upgrade(self) -> Schema:
        """Run all that is to be run, and see where that led."""
        self._run(command.upgrade, "heads")
        return self.look()

    def upgrade_to(self, revision: str) -> None:
        """Run up to that revision."""
        self._run(command.upgrade, revision)

    def downgrade(self, revision: str = "base") -> Schema:
        """Take back all revisions down to the one given."""
        self._run(command.downgrade, revision)
        return self.look()

    def look(self) -> Schema:
        """The schema as it is now."""
        with self.engine.connect() as connection:
            return snapshot(connection)

    def _run(self, run: object, revision: str) -> None:
        config = Config(attributes={})
        config.set_main_option("script_location", str(self.scripts))
        config.set_main_option("path_separator", "os")
        with self.engine.connect() as connection:
            config.attributes["connection"] = connection
            run(config, revision)  # type: ignore[operator]

    def stand_on(self, written: Written) -> None:
        """Let the next revision follow that one."""
        self.head = written.revision


def prove(
    project: Project, pair: Pair, renames: Sequence[Rename] = (), message: str = "the change", *, again: bool = True
) -> Written:
    """The law: up leads to the target, down to the start, and up `again` to the target. Returns the revisions."""
    written = project.write(pair, renames, message)
    below = written.files[0].down_revision or "base"
    runs: list[tuple[str, Callable[[], Schema], Schema]] = [
        ("upgrade", project.upgrade, pair.after),
        ("downgrade", lambda: project.downgrade(below), pair.before),
    ]
    for name, run, wanted in [*runs, *([("second upgrade", project.upgrade, pair.after)] if again else [])]:
        try:
            found = run()
        except Exception as error:
            raise AssertionError(f"{name} failed: {error}\n\n{written.text}") from error
        difference = material(diff(found, wanted))
        assert difference == (), f"{name} misses its end:\n{show(difference)}\n\n{written.text}"
    return written


def show(changes: Iterable[Change]) -> str:
    """The first few differences, to be read in a failure."""
    return "\n\n".join(
        f"{c.action} {c.kind} {c.table}.{c.name}\n  {c.before}\n  {c.after}" for c in itertools.islice(changes, 6)
    )
