"""What becomes of a migration whose session is ended on the way: a crash, a deploy that is stopped, an administrator.

The places are after each statement. Within one transaction they are all the same, since DDL of Postgres is
transactional (https://www.postgresql.org/docs/current/mvcc.html and the pages of the commands): the last one before the
commit stands for them. A statement that is a transaction by itself is a place of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import sqlalchemy as sa

from bot.migration.alembic_runner import AlembicRunner, Attempt, Direction
from bot.migration.answers import Attempted
from bot.migration.bookkeeping import take_snapshot
from bot.migration.rows.server import quote
from bot.migration.way import Way, list_ends
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.workspace.databases import Database, ScratchServer

MAX_PLACES = 20  # each costs a database and a run of Alembic; 40 statements in one transaction are one place
Outcome = Literal["nothing happened", "finished again", "stuck", "not reached"]


@dataclass(frozen=True, slots=True)
class Kill:
    """`statement`, from 1 on, was the last one before the end of the session; `detail` says why it is "stuck"."""

    direction: Direction
    statement: int
    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Kills:
    """`statements` counts what the places that were reached stand for, `left_out` the places beyond the limit."""

    places: tuple[Kill, ...] = ()
    statements: int = 0
    left_out: int = 0

    @property
    def ok(self) -> bool:
        """Whether each end left nothing behind, or something that a second attempt could go on from."""
        return all(kill.outcome != "stuck" for kill in self.places)


@dataclass(frozen=True, slots=True)
class State:
    """A database's schema and what Alembic's own table says of its revision."""

    schema: Schema
    revisions: tuple[str, ...]

    def is_like(self, other: State) -> bool:
        """Whether nothing that counts differs."""
        return self.revisions == other.revisions and not material(diff(self.schema, other.schema))


@dataclass(frozen=True, slots=True)
class Course:
    """A way that was run without a disturbance: where from, where to, and what it sent.

    `copy` makes one more database like the one that it started from.
    """

    direction: Direction
    revision: str | None
    copy: Callable[[], Database]
    start: State
    end: State
    way: Way = field(repr=False)


def read_state(connection: sa.Connection, version_table: tuple[str | None, str]) -> State:
    """The schema, and the revisions in Alembic's table; none when there is no such table."""
    schema, name = version_table
    table = quote(name) if schema is None else f"{quote(schema)}.{quote(name)}"
    schema_now = take_snapshot(connection)
    if not sa.inspect(connection).has_table(name, schema=schema):
        return State(schema_now, ())
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalars()  # noqa: S608 (quoted)
    return State(schema_now, tuple(sorted(map(str, rows))))


def prove_kills(
    server: ScratchServer, runner: AlembicRunner, courses: Sequence[Course], version_table: tuple[str | None, str]
) -> Kills:
    """End the session at each place, and run the way again where something stayed.

    Raises `MigrationError` when Alembic cannot be started at all.
    """
    places = [(course, place) for course in courses for place in sorted(set(list_ends(course.way.statements)))]
    taken, left_out = places[:MAX_PLACES], places[MAX_PLACES:]
    if not taken:
        return Kills()
    with _copies(server, [course.copy for course, _ in taken]) as databases:
        kills = _Trial(runner, version_table).run(taken, databases)
    reached = [place for place, kill in zip(taken, kills, strict=True) if kill.outcome != "not reached"]
    statements = sum(list_ends(course.way.statements).count(place) for course, place in reached)
    return Kills(kills, statements, len(left_out))


@contextmanager
def _copies(server: ScratchServer, copies: Sequence[Callable[[], Database]]) -> Iterator[list[Database]]:
    databases: list[Database] = []
    try:
        for copy in copies:
            databases.append(copy())
        yield databases
    finally:
        for database in databases:
            server.drop(database)


@dataclass(frozen=True, slots=True)
class _Trial:
    runner: AlembicRunner
    version_table: tuple[str | None, str]

    def run(self, places: Sequence[tuple[Course, int]], databases: Sequence[Database]) -> tuple[Kill, ...]:
        ended = self._attempt(places, databases, end=True)
        left = [
            number
            for number, ((course, place), database, tried) in enumerate(zip(places, databases, ended, strict=True))
            if tried.is_ended and not self._is_untouched(course, place, database)
        ]
        again = self._attempt([places[i] for i in left], [databases[i] for i in left], end=False) if left else ()
        second_tries = dict(zip(left, again, strict=True))
        return tuple(
            self._judge(course, place, databases[number], ended[number], second_tries.get(number))
            for number, (course, place) in enumerate(places)
        )

    def _attempt(
        self, places: Sequence[tuple[Course, int]], databases: Sequence[Database], *, end: bool
    ) -> tuple[Attempted, ...]:
        return tuple(
            self.runner.attempt(Attempt(database, course.direction, course.revision, place + 1 if end else None))
            for (course, place), database in zip(places, databases, strict=True)
        )

    def _is_untouched(self, course: Course, place: int, database: Database) -> bool:
        """Only what the very first transaction did is undone by its end."""
        ran = course.way.statements[: place + 1]
        is_first = ran[0].transaction is not None and all(item.transaction == ran[0].transaction for item in ran)
        return is_first and self._look(database).is_like(course.start)

    def _judge(self, course: Course, place: int, database: Database, ended: Attempted, again: Attempted | None) -> Kill:
        number = place + 1
        if not ended.is_ended:
            return Kill(course.direction, number, "not reached", ended.error.partition("\n")[0])
        if again is None:
            return Kill(course.direction, number, "nothing happened")
        if again.ok and self._look(database).is_like(course.end):
            return Kill(course.direction, number, "finished again")
        reason = again.error.partition("\n")[0] or "the second attempt leads to another schema"
        return Kill(course.direction, number, "stuck", reason)

    def _look(self, database: Database) -> State:
        with database.connect() as connection:
            return read_state(connection, self.version_table)
