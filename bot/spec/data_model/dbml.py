"""A data model in DBML (https://dbml.dbdiagram.io/docs): tables, enums, references, indexes, checks and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial, reduce

from bot.spec.dbml_text.references import Reference, resolve, take_reference
from bot.spec.dbml_text.stream import Stream, SyntaxProblem
from bot.spec.dbml_text.tables import TableReader
from bot.spec.dbml_text.tables import take_qualified as take_name
from bot.spec.dbml_text.tokens import read_tokens
from bot.spec.entities.checks import check_column, check_constraint
from bot.spec.errors import Problems
from bot.spec.model import ConstraintSpec, DataModel, EnumSpec, TableSpec
from bot.spec.names import read_name

_PICTURE = ("project", "tablegroup", "note")
_ELEMENTS = ("table", "enum", "ref", *_PICTURE)


def looks_like(text: str) -> bool:
    """A text with a table in braces."""
    return re.search(r"^\s*Table\s+[\w.\"]+[^\n{]*\{", text, re.MULTILINE) is not None


def read(text: str, first_line: int, problems: Problems) -> DataModel:
    """The model; what cannot be read is reported, and the rest is read on."""
    reader = _Reader(Stream(tuple(read_tokens(text, first_line))), problems)
    return reader.read()


class _Reader:
    def __init__(self, stream: Stream, problems: Problems) -> None:
        self.stream, self.problems = stream, problems
        self.tables = TableReader(stream, problems)
        self.found: list[TableSpec] = []
        self.enums: list[EnumSpec] = []
        self.references: list[Reference] = []

    def read(self) -> DataModel:
        while self.stream.peek().kind != "end":
            start = self.stream.position
            try:
                self._take_element()
            except SyntaxProblem as error:
                self.problems.report(error.line, str(error), error.expected)
                self._skip(start)
        references = [*resolve(self.references, self.tables.aliases), *self.tables.resolve_inline()]
        tables = add_references(self.found, references, self.problems)
        return DataModel(enums=tuple(self.enums), tables=tuple(tables))

    def _skip(self, start: int) -> None:
        """Behind the element that could not be read: it begins at `start` and ends with its closing brace."""
        self.stream.position = start + 1
        while self.stream.peek().kind != "end" and not self.stream.is_word(*_ELEMENTS):
            if self.stream.peek().text == "{":
                self.stream.skip_block()
                return
            self.stream.take()

    def _take_element(self) -> None:
        token = self.stream.take()
        word = token.text.lower()
        if word == "table":
            self.found += [table for table in (self.tables.take_table(),) if table is not None]
        elif word == "enum":
            self._take_enum(token.line)
        elif word == "ref":
            self.references += take_reference(self.stream)
        elif word in _PICTURE:
            while self.stream.peek().kind != "end" and self.stream.peek().text != "{":
                self.stream.take()
            self.stream.skip_block()
        else:
            message = f"`{token.text[:40]}` begins nothing that describes a table"
            raise SyntaxProblem(token.line, message, "Table, Enum or Ref")

    def _take_enum(self, line: int) -> None:
        name = read_name(take_name(self.stream), line, self.problems, "enum", qualified=True)
        self.stream.expect("{")
        values: list[str] = []
        while not self.stream.accept("}"):
            values.append(self.stream.take_name("a value").text)
            self.stream.take_settings()
        if name is not None:
            self.enums.append(EnumSpec(name, tuple(values), line))


def add_references(
    tables: Sequence[TableSpec], references: Sequence[Reference], problems: Problems
) -> Iterator[TableSpec]:
    """The tables with their foreign keys: of one column at the column, of several as a constraint of the table."""
    by_child: dict[str, list[Reference]] = {}
    for reference in references:
        name = read_name(reference.child.table, reference.line, problems, "table", qualified=True)
        if name is not None:
            by_child.setdefault(name, []).append(reference)
    for table in tables:
        own = by_child.pop(table.name, [])
        yield reduce(partial(_add_reference, problems=problems), own, table)
    for name, left in by_child.items():
        message = f"a reference is of the table {name}, which is not described here"
        problems.report(left[0].line, message, f"`Table {name} {{ … }}` with that column")


def _add_reference(table: TableSpec, reference: Reference, problems: Problems) -> TableSpec:
    target = f"{reference.parent.table}({', '.join(reference.parent.columns)})"
    columns = [read_name(column, reference.line, problems, "column") for column in reference.child.columns]
    own = next((column for column in table.columns if [column.name] == columns), None)
    if own is None or reference.on_update or reference.name or own.references:
        names = tuple(column for column in columns if column)
        key = ConstraintSpec("foreign_key", reference.line, reference.name, names, references=target)
        key = replace(key, on_delete=reference.on_delete, on_update=reference.on_update)
        return replace(table, constraints=(*table.constraints, check_constraint(key, problems)))
    changed = replace(own, references=target, on_delete=reference.on_delete)
    changed = replace(changed, unique=changed.unique or (reference.is_unique and not changed.primary_key))
    changed = check_column(changed, problems)
    return replace(table, columns=tuple(changed if column is own else column for column in table.columns))
