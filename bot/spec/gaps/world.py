"""The tables and types that exist while a spec is gone through: the base, then what the spec adds and drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.spec.errors import Problems
from bot.spec.gaps.known import KnownSchema
from bot.spec.names import find_nearest
from bot.spec.sql.types import BUILT_IN, EXTENSIONS_LISTED, FROM_EXTENSION, find_type_key

_DEFAULT_SCHEMAS = ("public", "main")


@dataclass
class WorldTable:
    """`columns` with their types, None when a type is not known; `is_open` when there may be others than these.

    `unfilled` are columns of a table with rows that may be null and have no default.
    """

    columns: dict[str, str | None]
    is_new: bool = False
    is_open: bool = False
    unfilled: set[str] = field(default_factory=set)


@dataclass
class World:
    """`is_complete` is False without a base: then nothing can be said to be missing."""

    problems: Problems
    is_complete: bool
    tables: dict[str, WorldTable] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    extensions: set[str] = field(default_factory=set)

    def gap(self, line: int, question: str, answer: str) -> None:
        """Ask."""
        self.problems.report(line, question, answer, "gap")

    def ask_what_rows_get(self, table: str, column: str, line: int, answer: str) -> None:
        """What nobody can know: what shall stand in rows that are there already."""
        question = f"`{table}` holds rows: what should they get in the column `{column}`, which may not be null?"
        self.gap(line, question, answer)

    def check_table(self, name: str, line: int, why: str) -> WorldTable | None:
        """The table; a question when it is nowhere."""
        found = self.tables.get(normalise(name))
        if found is None and self.is_complete and not self.problems.is_full:
            nearest = find_nearest(normalise(name), self.tables)
            hint = f"`{nearest}`, if that is meant; or the table described in this spec" if nearest else "its columns"
            self.gap(line, f"{why} `{name}`, which is neither in the spec nor in the database. What is it?", hint)
        return found

    def check_type(self, text: str, line: int, what: str) -> None:
        """A question when the type is known to nobody."""
        key = find_type_key(text)
        if key is None or not self.is_complete or self._is_known_type(key[0]):
            return
        name = key[0][-1]
        extension = FROM_EXTENSION.get(name)
        if extension is not None:
            question = f"{what} has the type `{text}`, which needs the extension {extension}. Shall it be created?"
            self.gap(line, question, f"`CREATE EXTENSION {extension};` in an `sql` fence")
            return
        nearest = find_nearest(name, [*sorted(self.types), *sorted(BUILT_IN)])
        hint = f"`{nearest}`, or the values of an enum `{name}`" if nearest else f"the values of an enum `{name}`"
        self.gap(line, f"{what} has the type `{text}`, which is neither in the spec nor in the database.", hint)

    def _is_known_type(self, names: tuple[str, ...]) -> bool:
        """Built in, of the spec, of the database, or perhaps of an extension whose types nobody has listed."""
        name, full_name = names[-1], normalise(".".join(names))
        if name in BUILT_IN or full_name in self.types or full_name in self.tables:
            return True
        extension = FROM_EXTENSION.get(name)
        return extension in self.extensions if extension else bool(self.extensions - EXTENSIONS_LISTED)


def build_world(base: KnownSchema | None, problems: Problems) -> World:
    """What exists before the spec."""
    world = World(problems, base is not None)
    if base is None:
        return world
    for table in base.tables:
        columns: Mapping[str, str | None] = {column.name: column.type for column in table.columns}
        unfilled = {column.name for column in table.columns if column.nullable and column.default is None}
        world.tables[_qualify(table.schema, table.name)] = WorldTable(dict(columns), unfilled=unfilled)
    for view in base.views:
        world.tables.setdefault(_qualify(view.schema, view.name), WorldTable({}, is_open=True))
    world.types = {_qualify(item.schema, item.name) for item in (*base.enums, *base.domains)}
    world.extensions = {name for name, _ in base.extensions}
    return world


def normalise(name: str) -> str:
    """A table's name without quotes and without the default namespace."""
    schema, dot, rest = name.replace('"', "").partition(".")
    return _qualify(schema, rest) if dot else schema


def _qualify(schema: str, name: str) -> str:
    return name if schema in _DEFAULT_SCHEMAS else f"{schema}.{name}"
