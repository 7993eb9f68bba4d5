"""What stands beside a column: `primary key, identity`, `references customers(id) on delete cascade`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec
from bot.spec.names import find_nearest
from bot.spec.sql.column import read_column_text
from bot.spec.sql.text import NotSql

_FLAGS = {
    **dict.fromkeys(("primary key", "pk"), ("primary_key", True)),
    **dict.fromkeys(("identity", "auto increment", "autoincrement", "auto-increment"), ("identity", True)),
    **dict.fromkeys(("unique", "must be unique", "is unique", "uq"), ("unique", True)),
    **dict.fromkeys(("index", "indexed", "with an index"), ("index", True)),
    **dict.fromkeys(("not null", "required", "mandatory"), ("nullable", False)),
    **dict.fromkeys(("null", "nullable", "optional"), ("nullable", True)),
    **dict.fromkeys(("drop", "dropped", "removed", "remove"), ("drop", True)),
    **dict.fromkeys(("new", "is new"), ("is_new", True)),
    **dict.fromkeys(("no default", "drop default"), ("drop_default", True)),
}
_REFERENCE = re.compile(
    r"(?:references|fk(?: to)?|foreign key(?: to)?|→|->|fk\s*(?:→|->))\s*(?P<target>\"?[\w.]+\"?\s*(?:\([^()]*\))?)"
    r"(?:\s+on delete (?P<action>cascade|restrict|set null|set default|no action))?",
    re.IGNORECASE,
)
_VALUES = (
    ("check", re.compile(r"check\b\s*:?\s*(\S.*)", re.IGNORECASE | re.DOTALL)),
    ("generated", re.compile(r"(?:generated|computed)(?: always)? as\s*(\(.*\))(?:\s*stored)?", re.I | re.S)),
    ("default", re.compile(r"default\s*:?\s*(\S.*)", re.IGNORECASE | re.DOTALL)),
    ("was", re.compile(r"(?:was|renamed from|formerly)\s*:?\s*(\S+)", re.IGNORECASE)),
    ("on_delete", re.compile(r"on[ _]delete:?\s+(cascade|restrict|set null|set default|no action)", re.IGNORECASE)),
    ("comment", re.compile(r"comment\s*:?\s*(\S.*)", re.IGNORECASE | re.DOTALL)),
)
_SEVERAL = re.compile(
    r"(?:not null|null|default|check|unique|primary key|references|generated)\b.*"
    r"\b(?:not null|null|default|check|unique|primary key|references)\b",
    re.IGNORECASE | re.DOTALL,
)
_BEGINS = re.compile(r"(?:unique|primary key|references|foreign key|check|generated|on delete|index)\b", re.IGNORECASE)
MAX_PHRASE = 2000  # characters
MAX_UNKNOWN = 20
_PHRASES = (*_FLAGS, "references", "check", "default", "generated as", "foreign key")


def read_note(column: ColumnSpec, note: str, problems: Problems) -> ColumnSpec:
    """The column with what its note says; words that are none of the known phrases become its comment."""
    rest: list[str] = []
    for phrase in split_phrases(note.replace("`", "")):
        changed = _apply(column, phrase)
        if changed is not None:
            column = changed
            continue
        nearest = find_nearest(phrase, _PHRASES, cutoff=0.8) if len(rest) < MAX_UNKNOWN else None
        if nearest is not None or _BEGINS.match(phrase):
            expected = f"`{nearest}`?" if nearest else "SQL, or a column of the table for comments"
            problems.report(column.line, f"nobody knows what `{phrase}` means for {column.name}", expected)
        rest.append(phrase)
    if rest and column.comment is None:
        column = replace(column, comment=", ".join(rest))
    return column


def _apply(column: ColumnSpec, phrase: str) -> ColumnSpec | None:
    if len(phrase) > MAX_PHRASE:
        return None
    changes: dict[str, Any] = {}
    flag = _FLAGS.get(phrase.lower())
    if flag is not None:
        changes[flag[0]] = flag[1]
        return replace(column, **changes)
    if _SEVERAL.match(phrase):
        return _apply_sql(column, phrase)
    match = _REFERENCE.fullmatch(phrase)
    if match is not None:
        return replace(column, references=match["target"].strip(), on_delete=match["action"] or column.on_delete)
    for key, pattern in _VALUES:
        match = pattern.fullmatch(phrase)
        if match is not None:
            text = match[1].strip()
            changes[key] = text.strip('"') if key == "comment" else _open_parentheses(text)
            return replace(column, **changes)
    return None


def _apply_sql(column: ColumnSpec, phrase: str) -> ColumnSpec | None:
    """Several constraints in one phrase, as in SQL: `not null default 0`."""
    try:
        stated = read_column_text(column.name, f"text {phrase}", column.line)
    except NotSql:
        return None
    nothing = ColumnSpec(column.name, column.line, "text")
    keys = [field.name for field in fields(stated) if getattr(stated, field.name) != getattr(nothing, field.name)]
    changes: dict[str, Any] = {key: getattr(stated, key) for key in keys}
    return replace(column, **changes)


def _open_parentheses(text: str) -> str:
    """What stands in parentheses that enclose all of it."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return text[1:-1].strip() if position and position == len(text) - 1 else text
    return text


def split_phrases(note: str) -> Iterator[str]:
    """Phrases between commas and semicolons that stand in no parentheses and no quotes."""
    depth, quote, start = 0, "", 0
    for position, character in enumerate(note):
        if quote:
            quote = "" if character == quote else quote
        elif character == '"' or (character == "'" and _opens(note, position)):
            quote = character
        elif character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
        elif character in ",;\n" and not depth:
            if note[start:position].strip():
                yield note[start:position].strip()
            start = position + 1
    if note[start:].strip(" ,;"):
        yield note[start:].strip(" ,;")


def _opens(note: str, position: int) -> bool:
    """Whether an apostrophe begins a text: not that of `customer's`."""
    return position == 0 or not note[position - 1].isalnum()
