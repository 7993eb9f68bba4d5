"""What SQLite keeps only as text: names of constraints, checks, generated columns, collations, options.

https://www.sqlite.org/lang_createtable.html and https://www.sqlite.org/lang_createindex.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.schema.sqlite_tokens import Token, find_group, read_tokens, render, split

_TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


@dataclass(slots=True)
class Reference:
    """A foreign key as it was declared."""

    columns: tuple[str, ...]
    table: str
    name: str | None
    deferrable: bool = False
    initially_deferred: bool = False


@dataclass(slots=True)
class TableDdl:
    """What was found, by column or by columns."""

    checks: list[tuple[str | None, str]] = field(default_factory=list)
    generated: dict[str, str] = field(default_factory=dict)
    collations: dict[str, str] = field(default_factory=dict)
    autoincrement: set[str] = field(default_factory=set)
    unique_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    primary_key_name: str | None = None
    options: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class IndexDdl:
    """The text of each key without its order and collation, and the condition of a partial index."""

    keys: tuple[str, ...]
    predicate: str | None


def read_table_ddl(sql: str) -> TableDdl:
    """The parts of a CREATE TABLE statement that no pragma tells."""
    ddl, tokens = TableDdl(), read_tokens(sql)
    if [token.word for token in tokens[1:3]] == ["VIRTUAL", "TABLE"]:
        words = [token.word for token in tokens]
        ddl.options.append(render(tokens[words.index("USING") :]))
        return ddl
    inside, end = find_group(tokens)
    for item in split(inside):
        if item[0].word in _TABLE_CONSTRAINTS:
            _ItemReader(ddl, item, ()).read()
        else:
            _ItemReader(ddl, item[1:], (item[0].name,)).read()
    ddl.options += [render(option).upper() for option in split(tokens[end:])]
    return ddl


def read_index_ddl(sql: str) -> IndexDdl:
    """The parts of a CREATE INDEX statement that no pragma tells."""
    tokens = read_tokens(sql)
    inside, end = find_group(tokens)
    keys = tuple(render(_unwrap(_strip_order(key))) for key in split(inside))
    rest = tokens[end:]
    return IndexDdl(keys, render(_unwrap(rest[1:])) if rest and rest[0].word == "WHERE" else None)


def _strip_order(key: list[Token]) -> list[Token]:
    while key and key[-1].word in ("ASC", "DESC"):
        key = key[:-1]
    return key[:-2] if len(key) > 2 and key[-2].word == "COLLATE" else key


def _unwrap(tokens: list[Token]) -> list[Token]:
    """An expression without parentheses around the whole."""
    while tokens and tokens[0].word == "(":
        inside, end = find_group(tokens)
        if end != len(tokens):
            break
        tokens = inside
    return tokens


class _ItemReader:
    """One item between the outer parentheses: a column's constraints, or those of the table.

    Table constraints need no comma between them, so both are read alike: one word after the other.
    """

    def __init__(self, ddl: TableDdl, tokens: list[Token], columns: tuple[str, ...]) -> None:
        self.ddl, self.tokens, self.column = ddl, tokens, columns
        self.columns = columns
        self.position = 0
        self.name: str | None = None
        self.kind = ""

    def read(self) -> None:
        readers: Mapping[str, Callable[[], None]] = {
            "CONSTRAINT": self._read_name,
            "PRIMARY": self._read_primary_key,
            "UNIQUE": self._read_unique,
            "CHECK": self._read_check,
            "FOREIGN": self._read_foreign_key,
            "REFERENCES": self._read_references,
            "DEFERRABLE": self._read_deferrable,
            "COLLATE": self._read_collation,
            "AS": self._read_generated,
            "AUTOINCREMENT": self._read_autoincrement,
            "CONFLICT": self._read_conflict,
            "DEFAULT": self._skip_default,
            "(": self._skip_group,
        }
        while self.position < len(self.tokens):
            word = self.tokens[self.position].word
            self.position += 1
            if word in readers:
                readers[word]()
            elif word == "NOT":
                self.kind = "NOT NULL"

    def _next(self) -> Token:
        token = self.tokens[self.position] if self.position < len(self.tokens) else Token("word", "")
        self.position += 1
        return token

    def _peek(self, offset: int = 0) -> str:
        where = self.position + offset
        return self.tokens[where].word if where < len(self.tokens) else ""

    def _group(self) -> list[Token]:
        inside, self.position = find_group(self.tokens, self.position)
        return inside

    def _take_name(self) -> str | None:
        name, self.name = self.name, None
        return name

    def _list_columns(self) -> tuple[str, ...]:
        """Those in parentheses, else the column that the constraint stands at."""
        if self._peek() != "(":
            return self.column
        return tuple(item[0].name for item in split(self._group()))

    def _read_name(self) -> None:
        self.name = self._next().name

    def _read_primary_key(self) -> None:
        self._next()
        self.kind, self.columns = "PRIMARY KEY", self._list_columns()
        self.ddl.primary_key_name = self._take_name()

    def _read_unique(self) -> None:
        self.kind, self.columns = "UNIQUE", self._list_columns()
        name = self._take_name()
        if name is not None:
            self.ddl.unique_names.setdefault(self.columns, name)

    def _read_check(self) -> None:
        self.kind = "CHECK"
        self.ddl.checks.append((self._take_name(), render(_unwrap(self._group()))))

    def _read_foreign_key(self) -> None:
        self._next()
        self.columns = self._list_columns()

    def _read_references(self) -> None:
        columns = self.column or self.columns
        self.ddl.references.append(Reference(columns, self._next().name, self._take_name()))
        if self._peek() == "(":
            self._group()

    def _read_deferrable(self) -> None:
        reference = self.ddl.references[-1]
        reference.deferrable = self.tokens[self.position - 2].word != "NOT"
        if self._peek() == "INITIALLY":
            reference.initially_deferred = reference.deferrable and self._peek(1) == "DEFERRED"
            self.position += 2

    def _read_collation(self) -> None:
        self.ddl.collations[self.column[0]] = self._next().name.upper()

    def _read_generated(self) -> None:
        self.ddl.generated[self.column[0]] = render(_unwrap(self._group()))

    def _read_autoincrement(self) -> None:
        self.ddl.autoincrement.update(self.columns)

    def _read_conflict(self) -> None:
        columns = self.column if self.kind == "NOT NULL" else self.columns
        self.ddl.options.append(f"{self.kind} ({', '.join(columns)}) ON CONFLICT {self._next().word}")

    def _skip_default(self) -> None:
        """Its words are no constraints: what it is, the pragma tells."""
        if self._peek() == "(":
            self._group()
            return
        while self._peek() in ("-", "+"):
            self.position += 1
        self.position += 1

    def _skip_group(self) -> None:
        self.position -= 1
        self._group()
