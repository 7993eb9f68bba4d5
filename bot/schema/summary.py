"""Changes in plain words, one line each, as a reviewer reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from bot.schema.change import Change
from bot.schema.model import Check, Enum, Exclusion, ForeignKey, Index, PrimaryKey, Table, Trigger, Unique
from bot.schema.part_words import render_name, render_part, shorten, shorten_type

DATABASE = "Database"
_DONE = {"add": "added", "drop": "dropped"}
_SWITCHES = {("nullable", False): "now not null"}
# What is too long to be shown twice.
_LONG = frozenset({"definition", "indexes"})


@dataclass(frozen=True, slots=True)
class TableSummary:
    """What happens to one table; `DATABASE` instead of a table's name for what belongs to none."""

    table: str
    lines: tuple[str, ...]


def describe(change: Change) -> str:
    """The change in one line: `column orders.note: type varchar(200) → text`."""
    return _describe(change, _render_subject(change, change.table))


def summarize(changes: Iterable[Change]) -> tuple[TableSummary, ...]:
    """The changes by table, in the order of the changes; what belongs to no table comes first, as `DATABASE`."""
    found: dict[str, list[str]] = {DATABASE: []}
    for change in changes:
        table = change.name if change.kind == "table" else change.table
        heading = DATABASE if table is None else render_name(change.schema, table)
        found.setdefault(heading, []).extend(_list_lines(change))
    return tuple(TableSummary(heading, tuple(lines)) for heading, lines in found.items() if lines)


def _list_lines(change: Change) -> Iterator[str]:
    """The lines under the heading of the change's table, whose name need not be said again."""
    subject = "table" if change.kind == "table" else _render_subject(change, None)
    if change.kind == "table" and change.action != "alter":
        table: Any = change.after or change.before
        yield f"table {_DONE[change.action]}" + _render_comment(table)
        yield from _list_parts(table)
    else:
        yield _describe(change, subject)


def _list_parts(table: Table) -> Iterator[str]:
    yield from (f"column {column.name}: {render_part(column)}{_render_comment(column)}" for column in table.columns)
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
        yield from (_join(word, part.name, render_part(part)) + _render_comment(part) for part in found)


def _render_subject(change: Change, table: str | None) -> str:
    """What it is and its name: `column orders.note`, `index ix_orders_status on orders`."""
    word = change.kind.replace("_", " ")
    if change.kind == "column_order":
        return f"columns of {render_name(change.schema, table)}" if table else "columns"
    if change.table is None:
        return f"{_refine(word, change)} {render_name(change.schema if change.kind != 'schema' else '', change.name)}"
    if change.kind == "column":
        return f"column {render_name(change.schema, table)}.{change.name}" if table else f"column {change.name}"
    return _join(word, change.name, f"on {render_name(change.schema, table)}" if table else "")


def _refine(word: str, change: Change) -> str:
    if change.kind == "view" and getattr(change.after or change.before, "materialized", False):
        return "materialized view"
    return word


def _describe(change: Change, subject: str) -> str:
    if change.action == "alter":
        return f"{subject}: {'; '.join(_list_differences(change))}"
    part, done = change.after or change.before, _DONE[change.action]
    words = "" if change.kind == "schema" else _render_whole(part)
    if isinstance(part, PrimaryKey | Unique | ForeignKey | Check | Exclusion | Index):
        subject, words = _join(subject, words), ""
    # Of what goes the name is enough; of what comes one wants to know what it is.
    if change.action == "drop":
        return f"{subject} {done}"
    return f"{subject} {done}" + (f": {words}" if words else "") + _render_comment(part)


def _render_whole(part: object) -> str:
    if isinstance(part, Table):
        counted = ((len(part.columns), "column"), (len(part.foreign_keys), "foreign key"), (len(part.indexes), "index"))
        return ", ".join(_count(number, word) for number, word in counted if number)
    return shorten(part) if isinstance(part, str) else render_part(part)


def _list_differences(change: Change) -> Iterator[str]:
    before, after = change.before, change.after
    if isinstance(before, str | tuple):
        yield f"{_render_value(before)} → {_render_value(after)}"
        return
    whole = isinstance(before, Enum | PrimaryKey | Unique | ForeignKey | Check | Exclusion | Index)
    if isinstance(before, Enum) and isinstance(after, Enum):
        yield from _list_value_differences(before.values, after.values)
    elif whole and render_part(before) != render_part(after):
        yield f"{render_part(before)}, now {render_part(after)}"
    else:
        whole = False
    yield from _list_field_differences(before, after, {"comment"} if whole else ())


def _list_value_differences(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for position, value in enumerate(after):
        if value not in before:
            place = f"after '{after[position - 1]}'" if position else f"before '{after[1]}'" if after[1:] else ""
            yield _join(f"value '{value}' added", place)
    yield from (f"value '{value}' removed" for value in before if value not in after)
    kept = [value for value in before if value in after]
    if kept != [value for value in after if value in before]:
        yield f"order {_render_value(before)} → {_render_value(after)}"


def _list_field_differences(before: object, after: object, only: Collection[str] = ()) -> Iterator[str]:
    names = [field.name for field in fields(after)]  # type: ignore[arg-type]  # both are parts: dataclasses
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and (not only or name in only):
            yield _describe_field(name, old, new)


def _describe_field(name: str, old: Any, new: Any) -> str:
    word = name.replace("_", " ")
    if isinstance(new, bool):
        return _SWITCHES.get((name, new)) or f"{'now' if new else 'no longer'} {word}"
    if name == "comment":
        return f"comment {_quote(old)} → {_quote(new)}"
    if name in _LONG:
        return f"{word} changed"
    if old is None or new is None:
        value, done = (new, "added") if old is None else (old, "dropped")
        return f"{word} {_render_value(value)} {done}"
    if name == "type":
        return f"{word} {shorten_type(old)} → {shorten_type(new)}"
    return f"{word} {_render_value(old)} → {_render_value(new)}"


def _render_value(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_render_value(part) for part in value) + ")"
    return shorten(str(value))


def _render_comment(part: object) -> str:
    comment = getattr(part, "comment", None)
    return "" if comment is None or isinstance(part, Trigger) else f", comment {_quote(comment)}"


def _quote(comment: str | None) -> str:
    return "none" if comment is None else f"“{shorten(comment)}”"


def _count(number: int, word: str) -> str:
    plural = {"index": "indexes"}.get(word, f"{word}s")
    return f"{number} {word if number == 1 else plural}"


def _join(*words: str | None) -> str:
    return " ".join(word for word in words if word)
