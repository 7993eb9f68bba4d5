"""`Table orders { … }`: its columns, indexes, checks and note."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.spec.dbml_text.references import Reference, read_inline
from bot.spec.dbml_text.stream import Setting, Stream, SyntaxProblem
from bot.spec.dbml_text.tokens import Token
from bot.spec.entities.checks import check_column, check_constraint, read_index_key
from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec, ConstraintSpec, TableSpec
from bot.spec.names import find_nearest, read_name

_FLAGS: dict[str, tuple[str, Any]] = {
    "pk": ("primary_key", True),
    "primary key": ("primary_key", True),
    "not null": ("nullable", False),
    "null": ("nullable", True),
    "unique": ("unique", True),
    "increment": ("identity", True),
}
_VALUES = ("default", "note", "check", "ref")
_INDEX_SETTINGS = ("pk", "unique", "name", "type", "note")


@dataclass
class TableReader:
    """Reads tables from the stream; inline references are collected, with the table's alias resolved later."""

    stream: Stream
    problems: Problems
    aliases: dict[str, str] = field(default_factory=dict)
    inline: list[tuple[Setting, str, str]] = field(default_factory=list)

    def take_table(self) -> TableSpec | None:
        """Behind the word `Table`. Raises `SyntaxProblem`."""
        line, written = self.stream.peek().line, take_qualified(self.stream)
        name = read_name(written, line, self.problems, "table", qualified=True)
        if self.stream.is_word("as"):
            self.stream.take()
            self.aliases[self.stream.take_name("an alias").written] = written
        note = _find_note(self.stream.take_settings())
        self.stream.expect("{")
        columns: list[ColumnSpec] = []
        constraints: list[ConstraintSpec] = []
        while not self.stream.accept("}"):
            if self.stream.is_word("note") and self.stream.peek(1).text in (":", "{"):
                note = take_note(self.stream)
            elif self.stream.is_word("indexes") and self.stream.peek(1).text == "{":
                constraints += self._take_block(self._take_index)
            elif self.stream.is_word("checks") and self.stream.peek(1).text == "{":
                constraints += self._take_block(self._take_check)
            else:
                columns += self._take_column(written)
        return TableSpec(name, line, tuple(columns), tuple(constraints), comment=note) if name else None

    def resolve_inline(self) -> Iterator[Reference]:
        """The references in the settings of columns, once all aliases are known."""
        for setting, table, column in self.inline:
            try:
                yield read_inline(setting, table, column, self.aliases)
            except SyntaxProblem as error:
                self.problems.report(error.line, str(error), error.expected)

    def _take_column(self, table: str) -> Iterator[ColumnSpec]:
        token = self.stream.take_name("a column")
        name = read_name(token.written, token.line, self.problems, "column")
        column = ColumnSpec(name or "", token.line, self._take_type())
        for setting in self.stream.take_settings():
            if setting.name == "ref":
                self.inline.append((setting, table, token.written))
            else:
                column = self._apply(column, setting)
        if name is not None:
            yield check_column(column, self.problems)

    def _take_type(self) -> str:
        """`varchar(50)`, `"double precision"`, `public.status`, `int[]`."""
        text = take_qualified(self.stream, quoted=False)
        if self.stream.accept("("):
            inner: list[str] = []
            while not self.stream.accept(")"):
                token = self.stream.take()
                if token.kind == "end":
                    raise SyntaxProblem(token.line, "the brackets of a type do not end", "`)`")
                inner.append(f"'{token.text}'" if token.kind == "text" else token.text)
            text += f"({''.join(inner).replace(',', ', ')})"
        while self.stream.peek().text == "[" and self.stream.peek(1).text == "]":
            self.stream.take()
            self.stream.take()
            text += "[]"
        return text

    def _apply(self, column: ColumnSpec, setting: Setting) -> ColumnSpec:
        changes: dict[str, Any] = {}
        if setting.name in _FLAGS and not setting.values:
            key, value = _FLAGS[setting.name]
            changes[key] = value
        elif setting.name in ("note", "check", "default") and setting.values:
            text = render_value(setting.values)
            key = {"note": "comment"}.get(setting.name, setting.name)
            if text != "NULL":
                changes[key] = _join(setting.values) if key != "default" else text
        else:
            nearest = find_nearest(setting.name, [*_FLAGS, *_VALUES])
            expected = f"`{nearest}`?" if nearest else ", ".join([*_FLAGS, *_VALUES])
            self.problems.report(setting.line, f"`{setting.name}` is no setting of a column", expected)
        return replace(column, **changes)

    def _take_block(self, take_one: Callable[[], ConstraintSpec]) -> Iterator[ConstraintSpec]:
        self.stream.take()
        self.stream.expect("{")
        while not self.stream.accept("}"):
            yield check_constraint(take_one(), self.problems)

    def _take_index(self) -> ConstraintSpec:
        line = self.stream.peek().line
        columns = self._take_keys()
        settings = {setting.name: setting for setting in self.stream.take_settings()}
        for key in settings.keys() - set(_INDEX_SETTINGS):
            self.problems.report(settings[key].line, f"`{key}` is no setting of an index", ", ".join(_INDEX_SETTINGS))
        if "pk" in settings:
            return ConstraintSpec("primary_key", line, columns=columns)
        name, method = (_join(settings[key].values) if key in settings else None for key in ("name", "type"))
        name = read_name(name, line, self.problems, "index") if name else None
        return ConstraintSpec("index", line, name, columns, unique="unique" in settings, method=method)

    def _take_keys(self) -> tuple[str, ...]:
        if not self.stream.accept("("):
            return tuple(self._take_key())
        keys = list(self._take_key())
        while self.stream.accept(","):
            keys += self._take_key()
        self.stream.expect(")")
        return tuple(keys)

    def _take_key(self) -> Iterator[str]:
        token = self.stream.take()
        if token.kind not in ("word", "name", "expression"):
            raise SyntaxProblem(token.line, f"`{token.text[:40]}` cannot be indexed", "a column or an `expression`")
        key = read_index_key(token.written, token.line, self.problems)
        if key is not None:
            yield key

    def _take_check(self) -> ConstraintSpec:
        token = self.stream.take()
        if token.kind not in ("expression", "text"):
            raise SyntaxProblem(token.line, f"`{token.text[:40]}` is no check", "an expression in backticks")
        named = [setting for setting in self.stream.take_settings() if setting.name == "name"]
        name = read_name(_join(named[0].values), token.line, self.problems, "constraint") if named else None
        return ConstraintSpec("check", token.line, name, expression=token.text)


def take_qualified(stream: Stream, *, quoted: bool = True) -> str:
    """`orders` or `public.orders`; names in double quotes keep them, unless they are the words of a type."""
    token = stream.take_name("a name")
    parts = [token.written if quoted else token.text]
    while stream.accept("."):
        token = stream.take_name("a name")
        parts.append(token.written if quoted else token.text)
    return ".".join(parts)


def take_note(stream: Stream) -> str:
    """`Note: 'text'` or `Note { 'text' }`."""
    stream.take()
    in_braces = stream.accept("{")
    if not in_braces:
        stream.expect(":")
    token = stream.take()
    if token.kind != "text":
        raise SyntaxProblem(token.line, f"`{token.text[:40]}` is no text", "a text in single quotes")
    if in_braces:
        stream.expect("}")
    return token.text


def render_value(values: Sequence[Token]) -> str:
    """A default as SQL: texts in quotes, expressions as they are, numbers and words in plain."""
    if len(values) == 1 and values[0].kind == "text":
        return "'" + values[0].text.replace("'", "''") + "'"
    text = _join(values)
    return "NULL" if text.lower() == "null" else text


def _join(values: Sequence[Token]) -> str:
    return " ".join(token.text for token in values)


def _find_note(settings: Sequence[Setting]) -> str | None:
    return next((_join(setting.values) for setting in settings if setting.name == "note"), None)
