"""One table of a spec, carried out in phases so that tables may refer to each other in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from bot.migration.naming import Kind, Named, render_name
from bot.migration.sql_text import find_words, quote_name, quote_qualified
from bot.migration.target_ddl import (
    read_reference,
    render_column,
    render_comment,
    render_constraint,
    render_index,
    render_set_default,
)
from bot.migration.target_renames import split_table_name
from bot.schema.model import Check, ForeignKey, Index, Table, Unique
from bot.spec.model import ColumnSpec, ConstraintSpec, TableSpec
from bot.spec.sql.text import NotSql

_KINDS: Mapping[str, Kind] = {"primary_key": "pk", "unique": "uq", "foreign_key": "fk", "check": "ck", "index": "ix"}


class TableBuilder:
    """`before` is the table as it stands already, None when it is new.

    `execute` runs SQL, `attempt` runs a piece and turns what goes wrong into a problem of a line.
    """

    def __init__(
        self,
        spec: TableSpec,
        before: Table | None,
        naming: Mapping[str, str],
        execute: Callable[[str], None],
        attempt: Callable[[int, Callable[[], object]], bool],
    ) -> None:
        self.spec, self.naming, self.execute, self.attempt = spec, naming, execute, attempt
        self.schema, self.name = split_table_name(spec.name)
        self.full_name = quote_qualified(self.schema, self.name)
        self.old = before
        self.is_broken = False
        old_names = {column.name for column in self.old.columns} if self.old else set()
        renamed = {column.was: column.name for column in spec.columns if column.was is not None}
        self.old_columns = {renamed.get(name, name) for name in old_names}
        self.taken = self._list_taken_names()
        self.columns = self.old_columns | {column.name for column in spec.columns if not column.drop}

    def rename_columns(self) -> None:
        """`was:` of columns."""
        for column in self.spec.columns:
            if column.was is not None:
                self._run(
                    column.line,
                    f"ALTER TABLE {self.full_name} RENAME {quote_name(column.was)} TO {quote_name(column.name)}",
                )

    def create(self) -> None:
        """A new table with its columns; what constrains them comes later."""
        if self.old is not None:
            return

        def run() -> None:
            columns = ", ".join(render_column(column) for column in self.spec.columns if not column.drop)
            self.execute(f"CREATE TABLE {self.full_name} ({columns})")

        self.is_broken = not self.attempt(self._find_faulty_line(), run)

    def drop_constraints(self) -> None:
        """`drop:` of constraints and indexes, by name."""
        for constraint in self.spec.constraints:
            if constraint.drop:
                name = constraint.name or ""
                indexes = {index.name for index in self.old.indexes} if self.old else set()
                if name in indexes:
                    self._run(constraint.line, f"DROP INDEX {quote_qualified(self.schema, name)}")
                else:
                    self._run(constraint.line, f"ALTER TABLE {self.full_name} DROP CONSTRAINT {quote_name(name)}")

    def add_columns(self) -> None:
        """Columns that are new in a table that is not."""
        for column in self.spec.columns:
            if self.old is not None and column.name not in self.old_columns and not column.drop:
                self._attempt(column.line, partial(self._add_column, column))

    def alter_columns(self) -> None:
        """What changes of columns that stand already, but for their type."""
        for column in self._existing():
            for action in self._list_actions(column):
                self._attempt(column.line, action)

    def list_columns_to_retype(self) -> Iterator[ColumnSpec]:
        """Columns that stand already and are given a type."""
        return (column for column in self._existing() if column.type is not None and column.generated is None)

    def add_keys(self) -> None:
        """Primary and unique keys, which foreign keys may refer to."""
        marked = tuple(column.name for column in self.spec.columns if column.primary_key and not column.drop)
        if marked and not any(c.kind == "primary_key" for c in self.spec.constraints):
            line = next(column.line for column in self.spec.columns if column.primary_key)
            self._add_primary_key(ConstraintSpec("primary_key", line, columns=marked))
        for constraint in self._constraints("primary_key"):
            self._add_primary_key(constraint)
        for column in self.spec.columns:
            if (
                column.unique
                and not column.drop
                and (column.name,) not in self._list_unique()
                and marked != (column.name,)
            ):
                self._add(ConstraintSpec("unique", column.line, columns=(column.name,)))
        for constraint in self._constraints("unique"):
            self._add(constraint)

    def add_constraints(self) -> None:
        """Checks, exclusions and indexes."""
        for column in self.spec.columns:
            if column.check is not None and not column.drop:
                self._add(ConstraintSpec("check", column.line, columns=(column.name,), expression=column.check))
            if column.index and not column.drop and (column.name,) not in self._list_indexed():
                self._add_index(ConstraintSpec("index", column.line, columns=(column.name,)))
        for constraint in (*self._constraints("check"), *self._constraints("exclusion")):
            self._add(constraint)
        for constraint in self._constraints("index"):
            self._add_index(constraint)

    def add_foreign_keys(self) -> None:
        """References, once every table is there."""
        for column in self.spec.columns:
            if column.references is not None and not column.drop:
                key = ConstraintSpec("foreign_key", column.line, columns=(column.name,), references=column.references)
                self._add_foreign_key(replace(key, on_delete=column.on_delete))
        for constraint in self._constraints("foreign_key"):
            self._add_foreign_key(constraint)

    def comment(self) -> None:
        """Comments of the table and of its columns."""
        if self.spec.comment is not None:
            self._run(self.spec.line, render_comment(f"TABLE {self.full_name}", self.spec.comment))
        for column in self.spec.columns:
            if column.comment is not None and not column.drop:
                target = f"COLUMN {self.full_name}.{quote_name(column.name)}"
                self._run(column.line, render_comment(target, column.comment))

    def drop_columns(self) -> None:
        """`drop:` of columns."""
        for column in self.spec.columns:
            if column.drop:
                self._run(column.line, f"ALTER TABLE {self.full_name} DROP COLUMN {quote_name(column.name)}")

    def _existing(self) -> Iterator[ColumnSpec]:
        return (column for column in self.spec.columns if column.name in self.old_columns and not column.drop)

    def _constraints(self, kind: str) -> list[ConstraintSpec]:
        return [item for item in self.spec.constraints if item.kind == kind and not item.drop]

    def _run(self, line: int, sql: str) -> None:
        self._attempt(line, lambda: self.execute(sql))

    def _attempt(self, line: int, run: Callable[[], object]) -> None:
        if not self.is_broken:  # of a table that could not be made, the first problem says enough
            self.attempt(line, run)

    def _add_column(self, column: ColumnSpec) -> None:
        self._alter(f"ADD COLUMN {render_column(column)}")

    def _set_default(self, column: ColumnSpec) -> None:
        self._alter(f"ALTER COLUMN {quote_name(column.name)} {render_set_default(column.default or '')}")

    def _alter(self, action: str) -> None:
        self.execute(f"ALTER TABLE {self.full_name} {action}")

    def _list_actions(self, column: ColumnSpec) -> Iterator[Callable[[], object]]:
        head = f"ALTER COLUMN {quote_name(column.name)}"
        if column.generated is not None:
            yield lambda: self._alter(f"DROP COLUMN {quote_name(column.name)}, ADD COLUMN {self._regenerate(column)}")
            return
        if column.drop_default:
            yield lambda: self._alter(f"{head} DROP DEFAULT")
        if column.default is not None and column.type is None:
            yield partial(self._set_default, column)
        if column.nullable is not None:
            yield lambda: self._alter(f"{head} {'DROP' if column.nullable else 'SET'} NOT NULL")
        if column.identity:
            yield lambda: self._alter(f"{head} ADD GENERATED BY DEFAULT AS IDENTITY")

    def _regenerate(self, column: ColumnSpec) -> str:
        """The definition of a column that becomes computed; its type stays when the spec names none."""
        types = {item.name: item.type for item in self.old.columns} if self.old else {}
        return render_column(replace(column, type=column.type or types.get(column.was or column.name)))

    def set_defaults_of_retyped(self) -> None:
        """Defaults of columns whose type has changed, which the old type might not have taken."""
        for column in self.list_columns_to_retype():
            if column.default is not None:
                self._attempt(column.line, partial(self._set_default, column))

    def _add_primary_key(self, constraint: ConstraintSpec) -> None:
        old = self.old.primary_key if self.old else None
        if old is not None and set(old.columns) == set(constraint.columns):
            return
        drop = f"DROP CONSTRAINT {quote_name(old.name or '')}, " if old is not None else ""
        name = self._name(constraint)
        self._attempt(constraint.line, lambda: self._alter(f"{drop}ADD {render_constraint(constraint, name)}"))

    def _add(self, constraint: ConstraintSpec) -> None:
        name = self._name(constraint)
        self._attempt(constraint.line, lambda: self._alter(f"ADD {render_constraint(constraint, name)}"))

    def _add_foreign_key(self, constraint: ConstraintSpec) -> None:
        def run() -> None:
            schema, table, columns = read_reference(constraint.references or "")
            for key in self.old.foreign_keys if self.old else ():
                same = (key.columns, key.referred_schema, key.referred_table) == (constraint.columns, schema, table)
                if same and columns in ((), key.referred_columns) and constraint.on_delete is None:
                    return  # it stands already, and nothing else is said of it
            self._alter(f"ADD {render_constraint(constraint, self._name(constraint, table, columns))}")

        self._attempt(constraint.line, run)

    def _add_index(self, constraint: ConstraintSpec) -> None:
        def run() -> None:
            name = self._name(constraint)
            self.execute(render_index(self.full_name, constraint, name, lambda key: key in self.columns))

        self._attempt(constraint.line, run)

    def _name(self, constraint: ConstraintSpec, table: str = "", columns: tuple[str, ...] = ()) -> str | None:
        if constraint.name is not None or constraint.kind not in _KINDS:
            return constraint.name
        kind = _KINDS[constraint.kind]
        if kind == "ix" and not set(constraint.columns) <= self.columns:
            return None
        own = () if kind == "ck" else constraint.columns
        label = self._label(constraint) if kind == "ck" else ""
        return self._make_free(render_name(self.naming, Named(kind, self.name, own, table, columns, label)))

    def _label(self, constraint: ConstraintSpec) -> str:
        """What a check without a name is called after: its column, else those that it mentions."""
        mentioned = [name for name in sorted(find_words(constraint.expression or "")) if name in self.columns]
        return "_".join(constraint.columns or mentioned[:2]) or "check"

    def _make_free(self, name: str | None) -> str | None:
        """The name, with a number when this table has it already."""
        if name is None:
            return None
        wanted, number = name, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def _list_taken_names(self) -> set[str]:
        table = self.old
        parts: list[Unique | Check | ForeignKey | Index] = (
            [*table.uniques, *table.checks, *table.foreign_keys, *table.indexes] if table else []
        )
        dropped = {constraint.name for constraint in self.spec.constraints if constraint.drop}
        given = {constraint.name for constraint in self.spec.constraints if not constraint.drop}
        return ({part.name or "" for part in parts} - dropped) | {name for name in given if name}

    def _list_unique(self) -> set[tuple[str, ...]]:
        stated = {constraint.columns for constraint in self._constraints("unique")}
        return stated | ({unique.columns for unique in self.old.uniques} if self.old else set())

    def _list_indexed(self) -> set[tuple[str, ...]]:
        old = {tuple(key.column or "" for key in index.keys) for index in self.old.indexes} if self.old else set()
        return old | {constraint.columns for constraint in self._constraints("index")}

    def _find_faulty_line(self) -> int:
        """The line of the first column that cannot even be read, else that of the table."""
        for column in self.spec.columns:
            try:
                render_column(column)
            except NotSql:
                return column.line
        return self.spec.line
