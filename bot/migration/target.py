"""Builds what a spec asks for in a scratch database that holds the base schema: its catalog is then the target.

The statements run one by one, each in a transaction of its own (a new enum value cannot be used in the one that adds
it), so that all problems are found at once and each names its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from bot.migration.casts import is_same_family
from bot.migration.errors import MigrationError
from bot.migration.naming import learn_naming
from bot.migration.object_steps import create_enum
from bot.migration.operations import plan_steps
from bot.migration.renames import Rename, find_applicable
from bot.migration.run_steps import run_steps
from bot.migration.sql_text import quote_name, quote_qualified
from bot.migration.target_renames import read_renames, split_table_name
from bot.migration.target_tables import TableBuilder
from bot.schema.model import Column, Enum, Schema, Table
from bot.schema.snapshot import snapshot
from bot.spec.model import DataModel, EnumSpec, Problem, TableSpec
from bot.spec.sql.text import NotSql

STATEMENT_TIMEOUT_SECONDS = 30
MAX_PROBLEMS = 20


class TargetError(MigrationError):
    """The data model contradicts itself or the base schema; every problem has the line of the spec."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        lines = [f"line {problem.line}: {problem.message}" for problem in problems]
        super().__init__("the data model cannot be carried out:\n" + "\n".join(lines))


def build_target(
    connection: sa.Connection,
    base: Schema,
    model: DataModel,
    *,
    naming: Mapping[str, str] | None = None,
    body: str = "",
) -> tuple[Rename, ...]:
    """Carry the data model out on a database that holds the base schema; its snapshot is the target afterwards.

    `naming` is the repository's naming convention, learned from the names of the base when it is not given. `body` is
    the text that the lines of the model refer to, for quotes. The connection must be free to begin and commit
    transactions. Returns the renames that the model states, for `write_revisions`. Raises `TargetError`.
    """
    convention = learn_naming(base) if naming is None else naming
    return _Target(connection, base, model, convention, body).build()


class _Target:
    def __init__(
        self, connection: sa.Connection, base: Schema, model: DataModel, naming: Mapping[str, str], body: str
    ) -> None:
        self.connection, self.base, self.model = connection, base, model
        self.naming, self.lines = naming, body.splitlines()
        self.problems: list[Problem] = []

    def build(self) -> tuple[Rename, ...]:
        with self._transaction():
            self._execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT_SECONDS}s'")
        for enum in self.model.enums:
            if not enum.drop:
                self.attempt(enum.line, partial(self._ensure_enum, enum))
        for statement in self.model.statements:
            self.attempt(statement.line, partial(self._execute, statement.sql))
        self._build_tables()
        for enum in self.model.enums:
            if enum.drop:
                name = quote_qualified(*split_table_name(enum.name))
                self.attempt(enum.line, partial(self._execute, f"DROP TYPE {name}"))
        renames = self._check_renames()
        if self.problems:
            raise TargetError(tuple(self.problems))
        return renames

    def _build_tables(self) -> None:
        """Renames, then what is new, then what refers to it, and drops at the end: the order of the spec is free."""
        with self._transaction():
            current = snapshot(self.connection)
        known = {(table.schema, table.name) for table in current.tables}
        for table in self.model.tables:
            if table.was is not None:
                self.attempt(table.line, partial(self._rename_table, table))
        builders = [
            TableBuilder(table, _find_before(table, current), self.naming, self._execute, self.attempt)
            for table in self.model.tables
            if not table.drop
        ]
        for phase in ("rename_columns", "create", "drop_constraints", "add_columns", "alter_columns"):
            for builder in builders:
                getattr(builder, phase)()
        retyped = [(builder, column) for builder in builders for column in builder.list_columns_to_retype()]
        for builder, column in retyped:
            where, type_ = (builder.schema, builder.name, column.name), column.type or ""
            self.attempt(column.line, partial(self._retype, where, type_))
        for phase in (
            "set_defaults_of_retyped",
            "add_keys",
            "add_constraints",
            "add_foreign_keys",
            "comment",
            "drop_columns",
        ):
            for builder in builders:
                getattr(builder, phase)()
        self._drop_tables([table for table in self.model.tables if table.drop], known)

    def attempt(self, line: int, run: Callable[[], object]) -> bool:
        """Run one piece in a transaction of its own; what goes wrong becomes a problem of that line."""
        try:
            with self._transaction():
                run()
            return True
        except NotSql as error:
            self.report(line, str(error), "valid SQL of Postgres")
        except sa.exc.DBAPIError as error:
            self.report(line, _explain(error), "a data model that fits the existing schema and itself")
        return False

    def report(self, line: int, message: str, expected: str) -> None:
        """Note a problem of that line; the first few are enough for a person."""
        quote = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem("error", message, expected, line, quote))

    def _transaction(self) -> AbstractContextManager[object]:
        in_one = self.connection.in_transaction()
        return self.connection.begin_nested() if in_one else self.connection.begin()

    def _execute(self, sql: str) -> None:
        # Without parameters the driver leaves percent signs alone.
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def _ensure_enum(self, spec: EnumSpec) -> None:
        """A new type, or the values of one that exists: added in place when none goes, else the type is made anew."""
        schema, name = split_table_name(spec.name)
        current = snapshot(self.connection)
        old = next((enum for enum in current.enums if (enum.schema, enum.name) == (schema, name)), None)
        new = Enum(schema, name, spec.values, old.comment if old else None)
        if old is None:
            run_steps(self.connection, [create_enum(new)])
            return
        enums = tuple(new if enum == old else enum for enum in current.enums)
        run_steps(self.connection, plan_steps(current, replace(current, enums=enums), autocommit=False))

    def _rename_table(self, table: TableSpec) -> None:
        schema, name = split_table_name(table.name)
        old = quote_qualified(schema, split_table_name(table.was or "")[1])
        self._execute(f"ALTER TABLE {old} RENAME TO {quote_name(name)}")

    def _retype(self, where: tuple[str, str, str], type_: str) -> None:
        """Change a column's type together with all that Postgres would refuse it for: views, triggers, defaults."""
        current = snapshot(self.connection)
        wanted = self._normalise(type_)
        tables = tuple(
            replace(
                table,
                columns=tuple(
                    _retype_column(column, wanted) if (table.schema, table.name, column.name) == where else column
                    for column in table.columns
                ),
            )
            for table in current.tables
        )
        run_steps(self.connection, plan_steps(current, replace(current, tables=tables)))

    def _normalise(self, type_: str) -> str:
        """The type as the server names it."""
        self._execute(f"CREATE TEMPORARY TABLE specwright_type (c {type_})")
        query = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attnum = 1 AND attrelid = "
        name = self.connection.exec_driver_sql(query + "'pg_temp.specwright_type'::regclass").scalar_one()
        self._execute("DROP TABLE pg_temp.specwright_type")
        return str(name)

    def _drop_tables(self, tables: list[TableSpec], known: set[tuple[str, str]]) -> None:
        """In one statement, so that tables that refer to each other go together."""
        there: list[str] = []
        for table in tables:
            name = split_table_name(table.name)
            if name in known:
                there.append(quote_qualified(*name))
            else:
                self.report(table.line, f"there is no table {table.name} to drop", "the name of a table")
        if there:
            self.attempt(tables[0].line, partial(self._execute, f"DROP TABLE {', '.join(there)}"))

    def _check_renames(self) -> tuple[Rename, ...]:
        """The renames that concern the base. One onto a name that is only free once something goes cannot keep rows."""
        stated = read_renames(self.model)
        applicable = find_applicable(self.base, stated)
        for rename in stated:
            if rename not in applicable and self._stood_before(rename):
                message = f"{rename.before} cannot become {rename.after}: that name was taken before"
                self.report(self._find_line(rename), message, "another name, or two specs, one after the other")
        return applicable

    def _stood_before(self, rename: Rename) -> bool:
        if rename.kind != "column":
            return False
        table = self.base.find_table(rename.table or "", rename.schema)
        names = {column.name for column in table.columns} if table else set()
        return {rename.before, rename.after} <= names

    def _find_line(self, rename: Rename) -> int:
        for table in self.model.tables:
            for column in table.columns:
                if (column.was, column.name) == (rename.before, rename.after):
                    return column.line
        return self.model.statements[0].line if self.model.statements else 1


def _find_before(table: TableSpec, current: Schema) -> Table | None:
    """The table as it is before the spec's tables are carried out, under its old name; None when it is new."""
    schema, name = split_table_name(table.name)
    return current.find_table(split_table_name(table.was)[1] if table.was else name, schema)


def _retype_column(column: Column, type_: str) -> Column:
    """The column with another type. A constant default is read anew by that type."""
    match = re.fullmatch(r"('(?:[^']|'')*')::.+", column.default or "")
    apart = match is not None and not is_same_family(column.type, type_)
    return replace(column, type=type_, default=match[1] if match and apart else column.default)


def _explain(error: sa.exc.DBAPIError) -> str:
    """The server's message with its detail and hint, without the statement."""
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is None or diagnostic.message_primary is None:
        return str(error.orig).strip()
    parts = (diagnostic.message_primary, diagnostic.message_detail, diagnostic.message_hint)
    return " – ".join(part.strip() for part in parts if part)
