"""The proof of a migration: up, down and up again on a database with rows, compared by its own catalog."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from bot.migration.alembic_runner import AlembicRunner, Ran, RanStatement
from bot.migration.baseline import Base
from bot.migration.bookkeeping import take_snapshot
from bot.migration.contents import Contents, Loss, Name, find_losses, read_contents, select_known
from bot.migration.errors import MigrationError
from bot.migration.rows import Filling, fill
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.summary import describe
from bot.workspace.databases import Database
from bot.workspace.workspace import Workspace

MAX_FILLED_TABLES = 250
MAX_DETAIL_LINES = 12


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step; `detail` says what was found, in a few lines."""

    name: str
    ok: bool
    duration_seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. A step that failed is the last one, but for a target or a start that is not met.

    `changes` leads from the base to the upgraded schema, `mismatch` from the upgraded schema to the target, `leftover`
    from the base to what the downgrade left. `rows` counts the rows of each table before the upgrade; `unfilled` are
    the tables that could not be given any, and why. `statements` are those of the first upgrade, as in `upgrade_sql`.
    """

    base_revision: str | None
    revisions: tuple[str, ...]
    steps: tuple[ProofStep, ...]
    changes: tuple[Change, ...]
    mismatch: tuple[Change, ...]
    leftover: tuple[Change, ...]
    lost: tuple[Loss, ...]
    rows: Mapping[str, int]
    unfilled: tuple[tuple[str, str], ...]
    upgrade_sql: str
    downgrade_sql: str
    server_version: str
    statements: tuple[RanStatement, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step held. A loss that the change itself states does not fail it, see `lossy`."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def reversible(self) -> bool:
        """Whether the downgrade ran, led to the start's schema, and the upgrade could be run again."""
        names = {step.name for step in self.steps if step.ok}
        return {"downgrade", "start restored", "upgrade again"} <= names

    @property
    def lossy(self) -> bool:
        """Whether values are gone after the way up and down: needs a person's explicit tick."""
        return bool(self.lost)


def prove(
    workspace: Workspace, runner: AlembicRunner, base: Base, target: Schema | None, revision: str = "heads"
) -> Proof:
    """Prove the revisions from the base to `revision` against `target` (None: there is none to compare with).

    Never raises for what the migration does; raises `MigrationSetupError` kinds and the workspace's errors.
    """
    database = workspace.server.create(base.template)
    try:
        return _Prover(runner, base, target, revision, database).run()
    finally:
        workspace.server.drop(database)


def render_sql(statements: Collection[RanStatement]) -> str:
    """The statements as a script, each revision under a comment with its id."""
    lines: list[str] = []
    revision: str | None = None
    for statement in statements:
        if statement.revision != revision:
            revision = statement.revision
            lines.append(f"-- revision {revision}")
        lines.append(statement.sql.rstrip().rstrip(";") + ";")
    return "\n".join(lines)


class _Stop(Exception):
    pass


class _OtherRevisions(MigrationError):
    pass


class _Prover:
    def __init__(
        self, runner: AlembicRunner, base: Base, target: Schema | None, revision: str, database: Database
    ) -> None:
        self.runner, self.base, self.target = runner, base, target
        self.revision, self.database = revision, database
        self.engine = database.engine()
        self.steps: list[ProofStep] = []
        self.upgraded: Schema | None = None
        self.before: Mapping[Name, Contents] = {}
        self.proof = Proof(base.revision, (), (), (), (), (), (), {}, (), "", "", self._server_version())

    def run(self) -> Proof:
        try:
            self._prepare_rows()
            self._upgrade()
            self._downgrade()
            self._upgrade_again()
        except _Stop:
            pass
        finally:
            self.engine.dispose()
        return replace(self.proof, steps=tuple(self.steps))

    def _prepare_rows(self) -> None:
        with self._step("rows") as say:
            with self.engine.begin() as connection:
                filling = fill(connection, self.base.schema, self._tables_to_fill())
            with self.engine.begin() as connection:
                self.before = read_contents(connection, self.base.schema.tables)
            say(_describe_filling(filling, sum(contents.count for contents in self.before.values())))
            rows = {_display(name): contents.count for name, contents in self.before.items()}
            unfilled = tuple((_display(name), reason) for name, reason in filling.unfilled)
            self.proof = replace(self.proof, rows=rows, unfilled=unfilled)

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
            ran = self.runner.upgrade(self.database, self.revision)
            say(_describe_ran(ran))
            self.upgraded = self._snapshot()
            changes = diff(self.base.schema, self.upgraded)
            self.proof = replace(
                self.proof,
                revisions=ran.revisions,
                changes=changes,
                upgrade_sql=render_sql(ran.statements),
                statements=ran.statements,
            )
        if self.target is not None:
            mismatch = material(diff(self._get_upgraded(), self.target))
            self.proof = replace(self.proof, mismatch=mismatch)
            self._add("target reached", not mismatch, describe_changes(mismatch))

    def _downgrade(self) -> None:
        with self._step("downgrade") as say:
            ran = self.runner.downgrade(self.database, self.base.revision)
            say(_describe_ran(ran))
            _check_same(f"the downgrade to {self.base.revision or 'base'}", ran, self.proof.revisions)
            self.proof = replace(self.proof, downgrade_sql=render_sql(ran.statements))
            restored = self._snapshot()
        leftover = material(diff(self.base.schema, restored))
        self.proof = replace(self.proof, leftover=leftover)
        self._add("start restored", not leftover, describe_changes(leftover))
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
            _check_same("the second upgrade", ran, self.proof.revisions)
            again = self._snapshot()
        difference = material(diff(self._get_upgraded(), again))
        self._add("same again", not difference, describe_changes(difference))

    def _get_upgraded(self) -> Schema:
        if self.upgraded is None:
            raise _Stop
        return self.upgraded

    def _snapshot(self) -> Schema:
        with self.engine.connect() as connection:
            return take_snapshot(connection)

    def _server_version(self) -> str:
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"
            return f"SQLite {connection.exec_driver_sql('SELECT sqlite_version()').scalar_one()}"

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


def is_stated(loss: Loss, before: Schema, changes: Collection[Change]) -> bool:
    """Whether the schema change itself says that these values go: their table, column or type is dropped or altered."""
    for change in changes:
        if change.action == "add" or change.kind in ("column_order", "index"):
            continue
        if change.kind == "table" and change.action == "drop" and _display((change.schema, change.name)) == loss.table:
            return True
        table = _display((change.schema, change.table or ""))
        if change.kind == "column" and (table, change.name) == (loss.table, loss.column):
            return True
        if change.kind in ("enum", "domain") and change.name in _type_of(loss, before):
            return True
    return False


def _type_of(loss: Loss, schema: Schema) -> str:
    for table in schema.tables:
        if _display((table.schema, table.name)) == loss.table:
            return next((column.type for column in table.columns if column.name == loss.column), "")
    return ""


def describe_changes(changes: Collection[Change]) -> str:
    """The first few differences, one a line."""
    lines = [describe(change) for change in list(changes)[:MAX_DETAIL_LINES]]
    more = len(changes) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def describe_losses(losses: Collection[Loss]) -> str:
    """What was lost, one table and column a line."""
    lines = []
    for loss in losses:
        what = f"column {loss.column} of {loss.table}: the values of" if loss.column else f"table {loss.table}:"
        lines.append(
            f"{what} {loss.rows} row(s) are lost{'' if loss.is_stated else ', which the change does not ask for'}"
        )
    return "\n".join(lines)


def _display(name: Name) -> str:
    return name[1] if name[0] in ("public", "main") else f"{name[0]}.{name[1]}"


def _describe_filling(filling: Filling, total: int) -> str:
    lines = [f"{total} rows in {sum(count > 0 for count in filling.rows.values())} tables"]
    lines += [f"{_display(name)} is empty: {reason}" for name, reason in filling.unfilled]
    return "\n".join(lines)


def _check_same(what: str, ran: Ran, revisions: Collection[str]) -> None:
    """A branch beside the base is taken up with "heads", but a downgrade to the base does not take it back."""
    left = [revision for revision in revisions if revision not in ran.revisions]
    if left:
        raise _OtherRevisions(f"{what} leaves out {', '.join(left)}: the history has several heads or branches")


def _describe_ran(ran: Ran) -> str:
    return f"{', '.join(ran.revisions) or 'no revision'}: {len(ran.statements)} statement(s)"
