"""Changes in plain words, one line each, as a reviewer reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.schema.change import Change
from bot.schema.difference_words import list_differences
from bot.schema.model import Check, Exclusion, ForeignKey, Index, Other, PrimaryKey, Table, Unique
from bot.schema.part_words import MAX_LINE_CHARACTERS, render_comment, render_name, render_part, shorten

DATABASE = "Database"
_DONE = {"add": "added", "drop": "dropped"}


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What happens to one table; `DATABASE` instead of a table's name for what belongs to none."""

    table: str
    lines: tuple[str, ...]


def describe(change: Change) -> str:
    """The change in one line: `column orders.note: type varchar(200) → text`."""
    return shorten(_describe(change, render_subject(change, change.table)), MAX_LINE_CHARACTERS)


def summarize(changes: Iterable[Change]) -> tuple[TableSummary, ...]:
    """The changes by table, in the order of the changes; what belongs to no table comes first, as `DATABASE`."""
    found: dict[str, list[str]] = {DATABASE: []}
    for change in changes:
        table = change.name if change.kind == "table" else change.table
        heading = DATABASE if table is None else render_name(change.schema, table)
        lines = (shorten(line, MAX_LINE_CHARACTERS) for line in _list_lines(change))
        found.setdefault(shorten(heading), []).extend(lines)
    return tuple(TableSummary(heading, tuple(lines)) for heading, lines in found.items() if lines)


def _list_lines(change: Change) -> Iterator[str]:
    """The lines under the heading of the change's table, whose name need not be said again."""
    subject = "table" if change.kind == "table" else render_subject(change, None)
    if change.kind == "table" and change.action != "alter":
        table: Any = change.after or change.before
        yield f"table {_DONE[change.action]}" + render_comment(table)
        yield from list_table_parts(table)
    else:
        yield _describe(change, subject)


def list_table_parts(table: Table) -> Iterator[str]:
    """A line for each column, constraint, index and trigger."""
    yield from (f"column {column.name}: {render_part(column)}{render_comment(column)}" for column in table.columns)
    keys = (table.primary_key,) if table.primary_key else ()
    parts: tuple[tuple[str, Collection[Any]], ...] = (
        ("primary key", keys),
        ("unique", table.uniques),
        ("foreign key", table.foreign_keys),
        ("check", table.checks),
        ("exclusion", table.exclusions),
        ("index", table.indexes),
        ("trigger", table.triggers),
    )
    for word, found in parts:
        yield from (_join(word, part.name, render_part(part)) + render_comment(part) for part in found)


def render_subject(change: Change, table: str | None) -> str:
    """What it is and its name: `column orders.note`, `index ix_orders_status on orders`."""
    word = _get_word(change)
    if change.kind == "column_order":
        return f"columns of {render_name(change.schema, table)}" if table else "columns"
    if change.table is None:
        return f"{word} {render_name(change.schema if change.kind != 'schema' else '', change.name)}"
    if change.kind == "column":
        return f"column {render_name(change.schema, table)}.{change.name}" if table else f"column {change.name}"
    return _join(word, change.name, f"on {render_name(change.schema, table)}" if table else "")


def _get_word(change: Change) -> str:
    part = change.after or change.before
    if isinstance(part, Other):
        return part.kind
    if change.kind == "view" and getattr(part, "materialized", False):
        return "materialized view"
    return change.kind.replace("_", " ")


def _describe(change: Change, subject: str) -> str:
    if change.action == "alter":
        return f"{subject}: {'; '.join(list_differences(change.before, change.after))}"
    part, done = change.after or change.before, _DONE[change.action]
    words = "" if change.kind == "schema" else _render_whole(part)
    if isinstance(part, PrimaryKey | Unique | ForeignKey | Check | Exclusion | Index):
        subject, words = _join(subject, words), ""
    # Of what goes the name is enough; of what comes one wants to know what it is.
    if change.action == "drop":
        return f"{subject} {done}"
    return f"{subject} {done}" + (f": {words}" if words else "") + render_comment(part)


def _render_whole(part: object) -> str:
    if isinstance(part, Table):
        counted = ((len(part.columns), "column"), (len(part.foreign_keys), "foreign key"), (len(part.indexes), "index"))
        words = [_count(number, word) for number, word in counted if number]
        words += [part.partition] if part.partition else []
        words += [f"child of {render_name(*parent)}" for parent in part.parents if not part.partition]
        return ", ".join((*words, *part.options))
    return shorten(part) if isinstance(part, str) else render_part(part)


def _count(number: int, word: str) -> str:
    plural = {"index": "indexes"}.get(word, f"{word}s")
    return f"{number} {word if number == 1 else plural}"


def _join(*words: str | None) -> str:
    return " ".join(word for word in words if word)
