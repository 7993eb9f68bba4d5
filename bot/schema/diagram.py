"""The touched tables and their direct neighbours as a Mermaid diagram, with the changes marked.

https://mermaid.js.org/syntax/entityRelationshipDiagram.html. Nothing of a name reaches the text but letters, digits
and a few harmless characters, so no name can end a quote, a line or the fence that the diagram stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.schema.change import Change
from bot.schema.model import Column, ForeignKey, Schema, Table
from bot.schema.part_words import render_name, shorten_type

MAX_TABLES = 20
MAX_COLUMNS = 25
MAX_NEIGHBOURS = 12
MAX_NAME_CHARACTERS = 60
_UNSAFE_IN_QUOTES = re.compile(r"[^\w .,:()'/+*=→-]")
_UNSAFE_IN_WORDS = re.compile(r"[^A-Za-z0-9_\[\]()\u00C0-\u024F]+")
# The lexer takes these, whatever their case, for the marks of a key.
_KEY_WORDS = frozenset({"pk", "fk", "uk"})

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is drawn: every table as it was and as it is."""

    before: dict[Name, Table]
    after: dict[Name, Table]
    touched: frozenset[Name]

    def get(self, name: Name) -> Table:
        return self.after.get(name) or self.before[name]


def render_diagram(before: Schema, after: Schema, changes: Iterable[Change]) -> str:
    """A Mermaid `erDiagram` without its fence; "" when no table is touched.

    Of a large change the first `MAX_TABLES` tables with `MAX_COLUMNS` columns each are drawn; a comment says so.
    """
    touched = list(dict.fromkeys(_list_touched(changes)))
    olds = {(table.schema, table.name): table for table in before.tables}
    news = {(table.schema, table.name): table for table in after.tables}
    drawn = [name for name in touched if name in olds or name in news]
    if not drawn:
        return ""
    left_out = len(drawn) - len(drawn[:MAX_TABLES])
    picture = _Picture(olds, news, frozenset(drawn[:MAX_TABLES]))
    names = [*drawn[:MAX_TABLES], *_list_neighbours(picture)]
    ids = {name: _render_id(name, number) for number, name in enumerate(names)}
    lines = chain(*(_render_table(picture, name, ids[name]) for name in names), _render_relations(picture, ids))
    note = [f"    %% {left_out} more touched tables are not drawn"] if left_out else []
    return "\n".join(["erDiagram", *note, *lines])


def _list_touched(changes: Iterable[Change]) -> Iterator[Name]:
    for change in changes:
        if change.kind == "table":
            yield change.schema, change.name
        elif change.table is not None and not change.is_cosmetic:
            yield change.schema, change.table


def _list_neighbours(picture: _Picture) -> Sequence[Name]:
    """The tables that a touched one refers to, and those that refer to it."""
    found: dict[Name, None] = {}
    for name, key in _list_keys(picture):
        referred = key.referred_schema, key.referred_table
        if name in picture.touched:
            found[referred] = None
        elif referred in picture.touched:
            found[name] = None
    known = picture.before.keys() | picture.after.keys()
    return [name for name in found if name not in picture.touched and name in known][:MAX_NEIGHBOURS]


def _list_keys(picture: _Picture) -> Iterator[tuple[Name, ForeignKey]]:
    for name in sorted(picture.before.keys() | picture.after.keys()):
        yield from ((name, key) for key in picture.get(name).foreign_keys)
        if name in picture.after and name in picture.before:
            gone = [key for key in picture.before[name].foreign_keys if key not in picture.after[name].foreign_keys]
            yield from ((name, key) for key in gone)


def _render_table(picture: _Picture, name: Name, identifier: str) -> Iterator[str]:
    label = _clean(render_name(*name)) + _mark_table(picture, name)
    if name not in picture.touched:
        yield f'    {identifier}["{label}"]'
        return
    table, keyed = picture.get(name), _render_keys(picture.get(name))
    yield f'    {identifier}["{label}"] {{'
    columns = list(_list_columns(picture, name))
    columns.sort(key=lambda item: not item[1])
    shown = {column.name for column, _ in columns[:MAX_COLUMNS]}
    for column, mark in sorted(columns, key=lambda item: _position(table, item[0])):
        if column.name in shown:
            yield f"        {_render_column(column, keyed.get(column.name, ''), mark)}"
    if len(columns) > len(shown):
        yield f'        etc more_columns "{len(columns) - len(shown)} more"'
    yield "    }"


def _position(table: Table, column: Column) -> int:
    names = [found.name for found in table.columns]
    return names.index(column.name) if column.name in names else len(names)


def _mark_table(picture: _Picture, name: Name) -> str:
    if name not in picture.touched:
        return ""
    if name not in picture.before:
        return " (new)"
    return " (changed)" if name in picture.after else " (dropped)"


def _list_columns(picture: _Picture, name: Name) -> Iterator[tuple[Column, str]]:
    """The columns with what became of them; a table that comes or goes as a whole marks none."""
    old, new = picture.before.get(name), picture.after.get(name)
    if old is None or new is None:
        yield from ((column, "") for column in picture.get(name).columns)
        return
    before = {column.name: column for column in old.columns}
    after = {column.name for column in new.columns}
    for column in new.columns:
        yield column, _mark_column(before.get(column.name), column)
    yield from ((column, "dropped") for column in old.columns if column.name not in after)


def _mark_column(old: Column | None, new: Column) -> str:
    if old is None:
        return "new"
    if old.type != new.type:
        return f"was {shorten_type(old.type)}"
    if old.nullable != new.nullable:
        return "now nullable" if new.nullable else "now not null"
    return "" if old == new else "changed"


def _render_keys(table: Table) -> dict[str, str]:
    keys: dict[str, list[str]] = {}
    for column in table.primary_key.columns if table.primary_key else ():
        keys.setdefault(column, []).append("PK")
    for key in table.foreign_keys:
        for column in key.columns:
            keys.setdefault(column, []).append("FK")
    for unique in table.uniques:
        if len(unique.columns) == 1:
            keys.setdefault(unique.columns[0], []).append("UK")
    return {column: ", ".join(dict.fromkeys(words)) for column, words in keys.items()}


def _render_column(column: Column, keys: str, mark: str) -> str:
    type_word, name = _render_word(shorten_type(column.type) or "any"), _render_word(column.name)
    said = ([] if name == column.name else [column.name]) + ([mark] if mark else [])
    comment = f'"{_clean(", ".join(said))}"' if said else ""
    return " ".join(part for part in (type_word, name, keys, comment) if part)


def _render_relations(picture: _Picture, ids: dict[Name, str]) -> Iterator[str]:
    for name, key in _list_keys(picture):
        referred = key.referred_schema, key.referred_table
        if name in ids and referred in ids and (name in picture.touched or referred in picture.touched):
            mark = _mark_key(picture, name, key)
            label = _clean(f"{', '.join(key.columns)}{mark}")
            yield f'    {ids[referred]} {_render_cardinality(picture.get(name), key)} {ids[name]} : "{label}"'


def _mark_key(picture: _Picture, name: Name, key: ForeignKey) -> str:
    if name not in picture.before or name not in picture.after:
        return ""
    if key not in picture.after[name].foreign_keys:
        return " (dropped)"
    return "" if key in picture.before[name].foreign_keys else " (new)"


def _render_cardinality(table: Table, key: ForeignKey) -> str:
    columns = {column.name: column for column in table.columns}
    optional = any(columns[name].nullable for name in key.columns if name in columns)
    sets = [set(unique.columns) for unique in table.uniques]
    sets += [set(table.primary_key.columns)] if table.primary_key else []
    single = any(found <= set(key.columns) for found in sets)
    return f"{'|o' if optional else '||'}--{'o|' if single else 'o{'}"


def _render_id(name: Name, number: int) -> str:
    """An id that Mermaid takes for nothing else, and that no two tables share."""
    word = re.sub(r"[^A-Za-z0-9_]+", "_", render_name(*name))[:MAX_NAME_CHARACTERS]
    return f"t{number}_{word}"


def _render_word(text: str) -> str:
    word = _UNSAFE_IN_WORDS.sub("_", text)[:MAX_NAME_CHARACTERS].rstrip("_") or "_"
    word = word if re.match(r"[A-Za-z_\u00C0-\u024F]", word) else f"_{word}"
    return f"{word}_" if word.lower() in _KEY_WORDS else word


def _clean(text: str) -> str:
    line = _UNSAFE_IN_QUOTES.sub("_", " ".join(text.split()))
    return line if len(line) <= MAX_NAME_CHARACTERS else line[: MAX_NAME_CHARACTERS - 3] + "..."
