"""Steps as the SQL that Alembic would send for them, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic.ddl.impl import DefaultImpl
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql, sqlite

from bot.migration.steps import BatchTable, Step
from bot.schema.model import Dialect


def render_statements(steps: Iterable[Step], dialect: Dialect) -> tuple[str, ...]:
    """The statements in their order, without semicolons at their ends."""
    recorder = _make_recorder(dialect)
    context = MigrationContext.configure(dialect=recorder.dialect, opts={"as_sql": True})
    context.impl = recorder
    operations = Operations(context)
    for step in steps:
        if isinstance(step.operation, BatchTable):
            _run_batch(operations, step.operation)
        else:
            operations.invoke(step.operation)
    return tuple(recorder.statements)


class _Recorder(DefaultImpl):
    """Keeps what would be sent. Alembic's own offline mode replaces tabs, also those in strings."""

    statements: list[str]

    def _exec(self, construct: Any, *arguments: Any, **options: Any) -> None:
        clause = sa.text(construct) if isinstance(construct, str) else construct
        literal = {} if isinstance(clause, sa.schema.ExecutableDDLElement) else {"literal_binds": True}
        compiled = clause.compile(dialect=self.dialect, compile_kwargs=literal)
        self.statements.append(str(compiled).strip().removesuffix(";"))


class _PlainText:
    """Expressions of the writer are escaped for `sa.text()`, which is what they become in a revision's source."""

    def visit_column(self, column: Any, *arguments: Any, **options: Any) -> str:
        if column.is_literal:
            return str(self.process(sa.text(column.name)))  # type: ignore[attr-defined]  # of SQLCompiler
        return str(super().visit_column(column, *arguments, **options))  # type: ignore[misc]


class _PostgresCompiler(_PlainText, postgresql.dialect.statement_compiler):  # type: ignore[misc, name-defined]
    pass


class _SqliteCompiler(_PlainText, sqlite.dialect.statement_compiler):  # type: ignore[misc, name-defined]
    pass


class _PostgresRecorder(_Recorder, PostgresqlImpl):
    pass


class _SqliteRecorder(_Recorder, SQLiteImpl):
    pass


def _make_recorder(dialect: Dialect) -> _Recorder:
    """The classes have no `__dialect__` of their own, so that Alembic does not register them for all."""
    kind = _PostgresRecorder if dialect == "postgresql" else _SqliteRecorder
    module: Any = postgresql if dialect == "postgresql" else sqlite
    # "named" keeps percent signs single: nothing goes through a driver here.
    target = module.dialect(paramstyle="named")
    target.statement_compiler = _PostgresCompiler if dialect == "postgresql" else _SqliteCompiler
    recorder = kind(target, None, True, True, None, {})
    recorder.statements = []
    return recorder


def _run_batch(operations: Operations, batch: BatchTable) -> None:
    definition = batch.definition
    assert isinstance(definition, ops.CreateTableOp)  # noqa: S101 (the definition is that of a table)
    copy = definition.to_table()
    for constraint in copy.constraints:
        if isinstance(constraint, sa.CheckConstraint) and isinstance(constraint.sqltext, sa.ColumnClause):
            # Alembic takes a literal column for one of the table's and leaves out the constraint, as there is none.
            constraint.sqltext = sa.text(constraint.sqltext.name)
    with operations.batch_alter_table(
        definition.table_name, copy_from=copy, recreate="always", table_kwargs=batch.options
    ) as table:
        for added in batch.added:
            table.add_column(added.column)
