"""The proof of a migration: up, down and up again on a database with rows, compared by its own catalog."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
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
from bot.migration.start import ensure_start
from bot.migration.way import make_way
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema, Table
from bot.schema.part_words import render_name
from bot.workspace.databases import Database, ScratchServer
from bot.workspace.workspace import Workspace

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
    """All that happens happens in copies of the start, which is a template."""

    def __init__(
        self, server: ScratchServer, runner: AlembicRunner, base: Base, target: Schema | None, revision: str
    ) -> None:
        self.server, self.runner, self.base, self.target, self.revision = server, runner, base, target, revision
        self.opened: list[Database] = []
        self.steps: list[ProofStep] = []
        self.states: list[State] = []
        self.before: Mapping[Name, Contents] = {}
        self.version_table: tuple[str | None, str] = (None, "alembic_version")
        self.proof = Proof(base.revision, (), (), (), (), (), (), {}, (), "", "", server.read_version())

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
        for database in self.opened:
            self.server.drop(database)

    def _prepare_rows(self) -> None:
        with self._step("rows") as say:
            start = ensure_start(self.runner.workspace, self.base, self.target)
            self.copy_start = partial(self.server.create, start.template)
            self.database = self.copy_start()
            self.opened.append(self.database)
            self.before = self._read_contents(self.base.schema.tables)
            say(describe_filling(start.filling, sum(contents.count for contents in self.before.values())))
            rows = {render_name(*name): contents.count for name, contents in self.before.items()}
            unfilled = tuple((render_name(*name), reason) for name, reason in start.filling.unfilled)
            self.proof = replace(self.proof, rows=rows, unfilled=unfilled)

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
            after = self._read_contents(select_known(restored, self.before))
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
        upgraded, restored, again = self.states
        start, proof = replace(restored, schema=self.base.schema), self.proof
        copy_end = partial(self.server.copy, self.database)
        with self._step(END_STEP) as say:
            courses = (
                Course("upgrade", self.revision, self.copy_start, start, upgraded, proof.upgrade),
                Course("downgrade", self.base.revision, copy_end, again, restored, proof.downgrade),
            )
            kills = prove_kills(self.server, self.runner, courses, self.version_table)
            self.proof = replace(self.proof, kills=kills)
            say(describe_kills(kills))
        if not kills.ok:
            self.steps[-1] = replace(self.steps[-1], ok=False)

    def _look(self) -> State:
        """The database as it is now; kept in order: upgraded, restored, upgraded again."""
        with self.database.connect() as connection:
            self.states.append(read_state(connection, self.version_table))
        return self.states[-1]

    def _read_contents(self, tables: Collection[Table]) -> Mapping[Name, Contents]:
        with self.database.connect() as connection:
            return read_contents(connection, tables)

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
