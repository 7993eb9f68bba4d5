"""What differs between a part of a schema as it was and as it is, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields
from typing import Any

from bot.schema.model import Check, Enum, Exclusion, ForeignKey, Index, PrimaryKey, Unique
from bot.schema.part_words import quote, render_name, render_part, shorten, shorten_type

_SWITCHES = {
    ("nullable", False): "now not null",
    ("virtual", False): "now stored",
    ("not_null_validated", True): "not null now validated",
    ("not_null_validated", False): "not null not validated",
}
# https://www.postgresql.org/docs/current/catalog-pg-trigger.html
_FIRING = {"O": "enabled", "D": "disabled", "R": "enabled on replicas only", "A": "enabled always"}
# Lists of texts whose items are told one by one, with the word for one item.
_ITEMS = {
    "options": "option",
    "identity_options": "identity option",
    "unvalidated": "not validated check",
    "parents": "parent",
}
_PARTS = {"indexes": "index", "triggers": "trigger"}


def list_differences(before: Any, after: Any) -> Iterator[str]:
    """Each difference of two values of one part: a constraint or an index as a whole, others field by field."""
    if isinstance(before, str | tuple):
        yield f"{_render(before)} → {_render(after)}"
    elif isinstance(before, Enum):
        yield from _list_values(before.values, after.values)
        yield from _list_fields(before, after, {"comment"})
    elif isinstance(before, PrimaryKey | Unique | ForeignKey | Check | Exclusion | Index):
        old, new = render_part(before), render_part(after)
        if old != new:
            yield f"{old}, now {new}"
        yield from _list_fields(before, after, {"comment"} if old != new else ())
    else:
        yield from _list_fields(before, after)


def _list_values(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    for position, value in enumerate(after):
        if value not in before:
            place = f" after '{after[position - 1]}'" if position else f" before '{after[1]}'" if after[1:] else ""
            yield f"value '{value}' added{place}"
    yield from (f"value '{value}' removed" for value in before if value not in after)
    if [value for value in before if value in after] != [value for value in after if value in before]:
        yield f"order {_render(before)} → {_render(after)}"


def _list_fields(before: Any, after: Any, only: Collection[str] = ()) -> Iterator[str]:
    for field in fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and (not only or field.name in only):
            yield from _list_field(field.name, old, new)


def _list_field(name: str, old: Any, new: Any) -> Iterator[str]:
    if name in _ITEMS:
        yield from (f"{_ITEMS[name]} {_render_item(item)} dropped" for item in old if item not in new)
        yield from (f"{_ITEMS[name]} {_render_item(item)} added" for item in new if item not in old)
    elif name == "comment":
        yield f"comment {quote(old)} → {quote(new)}"
    elif name == "definition":
        yield "definition changed"
    elif name in _PARTS:
        yield from _list_parts(_PARTS[name], old, new)
    elif name == "checks":
        yield from (f"check {check} ({shorten(text)}) dropped" for check, text in old if (check, text) not in new)
        yield from (f"check {check} ({shorten(text)}) added" for check, text in new if (check, text) not in old)
    else:
        yield _describe(name, old, new)


def _list_parts(word: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[str]:
    before, after = {part.name: part for part in old}, {part.name: part for part in new}
    yield from (f"{word} {name} dropped" for name in before if name not in after)
    for name, part in after.items():
        if name not in before:
            yield " ".join(filter(None, (word, name, render_part(part), "added")))
        elif part != before[name]:
            yield f"{word} {name}: {', '.join(list_differences(before[name], part))}"


def _describe(name: str, old: Any, new: Any) -> str:
    word = {"partition": ""}.get(name, f"{name.replace('_', ' ')} ")
    if isinstance(new, bool):
        return _SWITCHES.get((name, new)) or f"{'now' if new else 'no longer'} {word}".rstrip()
    if name == "enabled":
        return f"now {_FIRING.get(new, new)}"
    if old is None or new is None:
        value, done = (new, "added") if old is None else (old, "dropped")
        return f"{word}{_render_item(value)} {done}"
    if name == "type":
        return f"{word}{shorten_type(old)} → {shorten_type(new)}"
    return f"{word}{_render_item(old)} → {_render_item(new)}"


def _render_item(value: str | tuple[str, ...]) -> str:
    """A text, or a name with its namespace and maybe a column."""
    if isinstance(value, tuple):
        schema, name, *column = value
        return ".".join((render_name(schema, name), *column))
    return shorten(str(value))


def _render(value: object) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(_render(part) for part in value) + ")"
    return shorten(str(value))
