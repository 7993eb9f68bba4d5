"""The proof of a migration: up, down and up again on a database with rows, compared by its own catalog."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.bookkeeping import read_server_version
from bot.migration.contents import Contents, Name, find_losses, read_contents, select_known
from bot.migration.errors import MigrationError
from bot.migration.kills import Course, State, prove_kills, read_state
from bot.migration.proof_result import Proof, ProofStep
from bot.migration.proof_words import (
    check_same,
    describe_difference,
    describe_filling,
    describe_kills,
    describe_losses,
    describe_ran,
    is_stated,
    render_sql,
)
from bot.migration.rows import fill
from bot.migration.rows.own import insert_own_rows
from bot.migration.way import make_way
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.part_words import render_name
from bot.workspace.databases import Database, ScratchServer
from bot.workspace.workspace import Workspace

MAX_FILLED_TABLES = 250
END_STEP = "ended and run again"


def prove(
    workspace: Workspace, runner: AlembicRunner, base: Base, target: Schema | None, revision: str = "heads"
) -> Proof:
    """Prove the revisions from the base to `revision` against `target` (None: there is none to compare with).

    Never raises for what the migration does; raises `MigrationSetupError` kinds and the workspace's errors.
    """
    prover = _Prover(workspace.server, runner, base, target, revision)
    try:
        return prover.run()
    finally:
        prover.close()


class _Stop(Exception):
    pass


class _Prover:
    """`start` is the base with rows, kept as it is; all that happens happens in copies of it."""

    def __init__(
        self, server: ScratchServer, runner: AlembicRunner, base: Base, target: Schema | None, revision: str
    ) -> None:
        self.server, self.runner, self.base, self.target, self.revision = server, runner, base, target, revision
        self.databases = [server.create(base.template)]
        self.engine = self.database.engine()
        self.steps: list[ProofStep] = []
        self.states: list[State] = []
        self.before: Mapping[Name, Contents] = {}
        self.version_table: tuple[str | None, str] = (None, "alembic_version")
        with self.engine.connect() as connection:
            version = read_server_version(connection)
        self.proof = Proof(base.revision, (), (), (), (), (), (), {}, (), "", "", version)

    @property
    def database(self) -> Database:
        """The one in which the migration is run."""
        return self.databases[-1]

    def run(self) -> Proof:
        try:
            self._prepare_rows()
            self._upgrade()
            self._downgrade()
            self._upgrade_again()
            self._end_sessions()
        except _Stop:
            pass
        return replace(self.proof, steps=tuple(self.steps))

    def close(self) -> None:
        self.engine.dispose()
        for database in self.databases:
            self.server.drop(database)

    def _prepare_rows(self) -> None:
        with self._step("rows") as say:
            self._insert_own_rows()
            with self.engine.begin() as connection:
                filling = fill(connection, self.base.schema, self._tables_to_fill())
            with self.engine.begin() as connection:
                self.before = read_contents(connection, self.base.schema.tables)
            say(describe_filling(filling, sum(contents.count for contents in self.before.values())))
            rows = {render_name(*name): contents.count for name, contents in self.before.items()}
            unfilled = tuple((render_name(*name), reason) for name, reason in filling.unfilled)
            self.proof = replace(self.proof, rows=rows, unfilled=unfilled)
        self.engine.dispose()  # nobody may be connected to what is copied
        self.databases.append(self.server.copy(self.database))
        self.engine = self.database.engine()

    def _insert_own_rows(self) -> None:
        """On a connection of its own, which what the file sets ends with."""
        workspace = self.runner.workspace
        if workspace.config.migrations.rows is not None:
            with self.engine.begin() as connection:
                insert_own_rows(connection, workspace.tree.path, workspace.config.migrations.rows)
            self.engine.dispose()

    def _tables_to_fill(self) -> Collection[Name]:
        """All tables of a schema of usual size; of a very large one those that change and those that refer to them."""
        every = {(table.schema, table.name) for table in self.base.schema.tables}
        if len(every) <= MAX_FILLED_TABLES or self.target is None:
            return sorted(every)[: MAX_FILLED_TABLES * 2]
        changed = {(change.schema, change.table or change.name) for change in diff(self.base.schema, self.target)}
        referring = {
            (table.schema, table.name)
            for table in self.base.schema.tables
            if any((key.referred_schema, key.referred_table) in changed for key in table.foreign_keys)
        }
        return (changed & every) | referring

    def _upgrade(self) -> None:
        with self._step("upgrade") as say:
            ran = self.runner.upgrade(self.database, self.revision, observe=True)
            say(describe_ran(ran))
            self.version_table = ran.version_table
            upgraded = self._look()
            changes, way = diff(self.base.schema, upgraded.schema), make_way(ran.statements, self.base.schema)
            self.proof = replace(self.proof, revisions=ran.revisions, changes=changes, upgrade=way)
            statements = tuple(replace(statement, seen=None) for statement in ran.statements)  # `way` has told it
            self.proof = replace(self.proof, upgrade_sql=render_sql(ran.statements), statements=statements)
        if self.target is not None:
            difference = diff(upgraded.schema, self.target)
            self.proof = replace(self.proof, mismatch=material(difference))
            self._compare("target reached", difference)

    def _downgrade(self) -> None:
        with self._step("downgrade") as say:
            ran = self.runner.downgrade(self.database, self.base.revision, observe=True)
            say(describe_ran(ran))
            check_same(f"the downgrade to {self.base.revision or 'base'}", ran, self.proof.revisions)
            way = make_way(ran.statements, self.states[0].schema)
            self.proof = replace(self.proof, downgrade=way, downgrade_sql=render_sql(ran.statements))
            restored = self._look().schema
        difference = diff(self.base.schema, restored)
        self.proof = replace(self.proof, leftover=material(difference))
        self._compare("start restored", difference)
        with self._step("values kept") as say:
            with self.engine.begin() as connection:
                after = read_contents(connection, select_known(restored, self.before))
            lost = tuple(
                replace(loss, is_stated=is_stated(loss, self.base.schema, self.proof.changes))
                for loss in find_losses(self.before, after)
            )
            self.proof = replace(self.proof, lost=lost)
            say(describe_losses(lost))
        if not all(loss.is_stated for loss in lost):
            self.steps[-1] = replace(self.steps[-1], ok=False)

    def _upgrade_again(self) -> None:
        with self._step("upgrade again"):
            ran = self.runner.upgrade(self.database, self.revision)
            check_same("the second upgrade", ran, self.proof.revisions)
            again = self._look()
        self._compare("same again", diff(self.states[0].schema, again.schema))

    def _end_sessions(self) -> None:
        """Up from the start and down from where the second upgrade led: both with rows."""
        if not (self.proof.upgrade.is_observed and self.proof.downgrade.is_observed):
            self._add(END_STEP, True, "not tried: this server tells nothing of transactions and sessions")
            return
        self.engine.dispose()
        upgraded, restored, again = self.states
        start = replace(restored, schema=self.base.schema)
        proof, (source, working) = self.proof, self.databases
        with self._step(END_STEP) as say:
            courses = (
                Course("upgrade", self.revision, source, start, upgraded, proof.upgrade),
                Course("downgrade", self.base.revision, working, again, restored, proof.downgrade),
            )
            kills = prove_kills(self.server, self.runner, courses, self.version_table)
            self.proof = replace(self.proof, kills=kills)
            say(describe_kills(kills))
        if not kills.ok:
            self.steps[-1] = replace(self.steps[-1], ok=False)

    def _look(self) -> State:
        """The database as it is now; kept in order: upgraded, restored, upgraded again."""
        with self.engine.connect() as connection:
            self.states.append(read_state(connection, self.version_table))
        return self.states[-1]

    def _compare(self, name: str, difference: Collection[Change]) -> None:
        self._add(name, not material(difference), describe_difference(difference))

    def _add(self, name: str, ok: bool, detail: str) -> None:
        self.steps.append(ProofStep(name, ok, 0.0, detail))

    @contextmanager
    def _step(self, name: str) -> Iterator[Callable[[str], None]]:
        """A step that may fail: then it is the last one."""
        details: list[str] = []
        started = time.monotonic()
        try:
            yield details.append
        except (MigrationError, sa.exc.SQLAlchemyError) as error:
            self.steps.append(ProofStep(name, False, time.monotonic() - started, str(error)))
            raise _Stop from error
        self.steps.append(ProofStep(name, True, time.monotonic() - started, "\n".join(filter(None, details))))
