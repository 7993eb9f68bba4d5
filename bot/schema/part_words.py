"""What a part of a schema is, in the few words of SQL that a reviewer reads fastest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import singledispatch

from bot.schema.model import (
    Check,
    Column,
    Domain,
    Enum,
    Exclusion,
    ForeignKey,
    Index,
    IndexKey,
    Other,
    PrimaryKey,
    Sequence,
    Unique,
)

MAX_CHARACTERS = 160
MAX_LINE_CHARACTERS = 1000
# The server's long names of types, and what people write instead.
SHORT_TYPES = (
    (re.compile(r"\bcharacter varying\b"), "varchar"),
    (re.compile(r"\bcharacter\b"), "char"),
    (re.compile(r"\btimestamp(\(\d\))? with time zone"), r"timestamptz\1"),
    (re.compile(r"\btimestamp(\(\d\))? without time zone"), r"timestamp\1"),
    (re.compile(r"\btime(\(\d\))? with time zone"), r"timetz\1"),
    (re.compile(r"\btime(\(\d\))? without time zone"), r"time\1"),
)


def shorten(text: str, most: int = MAX_CHARACTERS) -> str:
    """The text in one line, cut where it is longer than `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def shorten_type(name: str) -> str:
    """`varchar(200)` for `character varying(200)`; a quoted name stays as it is."""
    if '"' in name:
        return name
    for long, short in SHORT_TYPES:
        name = long.sub(short, name)
    return name


def render_name(schema: str, name: str) -> str:
    """The name, with its namespace when that is not the usual one."""
    return name if schema in ("", "public", "main") else f"{schema}.{name}"


def render_comment(part: object) -> str:
    """`, comment “…”` where the part has one."""
    comment = getattr(part, "comment", None)
    return "" if comment is None else f", comment {quote(comment)}"


def quote(comment: str | None) -> str:
    """The comment between quotation marks."""
    return "none" if comment is None else f"“{shorten(comment)}”"


@singledispatch
def render_part(part: object) -> str:
    """Everything of the part but its name and comment; "" for one that is told by its name alone."""
    return ""


@render_part.register
def _(part: Column) -> str:
    words = [shorten_type(part.type)]
    words += [f"collation {part.collation}"] if part.collation else []
    words += [] if part.nullable else ["not null" if part.not_null_validated else "not null (not validated)"]
    words += [f"default {shorten(part.default)}"] if part.default is not None else []
    if part.identity:
        options = f" ({' '.join(part.identity_options).lower()})" if part.identity_options else ""
        words.append(f"generated {part.identity} as identity{options}")
    if part.generated is not None:
        kind = "virtual" if part.virtual else "stored"
        words.append(f"generated as {shorten(part.generated)} {kind}")
    return ", ".join(words)


@render_part.register
def _(part: PrimaryKey) -> str:
    words = _list_key(part) + (f" include {_list(part.include)}" if part.include else "")
    return words + _render_deferral(part)


@render_part.register
def _(part: Unique) -> str:
    words = _list_key(part) + (f" include {_list(part.include)}" if part.include else "")
    return words + ("" if part.nulls_distinct else " nulls not distinct") + _render_deferral(part)


@render_part.register
def _(part: ForeignKey) -> str:
    referred = render_name(part.referred_schema, part.referred_table)
    words = f"{_list(_with_period(part.columns, part))} → {referred}{_list(_with_period(part.referred_columns, part))}"
    words += "" if part.match == "SIMPLE" else f" match {part.match.lower()}"
    words += "" if part.on_update == "NO ACTION" else f" on update {part.on_update.lower()}"
    words += "" if part.on_delete == "NO ACTION" else f" on delete {part.on_delete.lower()}"
    words += f" {_list(part.set_columns)}" if part.set_columns else ""
    return words + _render_deferral(part) + _render_validity(part)


@render_part.register
def _(part: Check) -> str:
    words = f"({shorten(part.expression)})" + (" no inherit" if part.no_inherit else "")
    return words + _render_validity(part)


@render_part.register
def _(part: Exclusion) -> str:
    return shorten(part.definition.removeprefix("EXCLUDE "))


@render_part.register
def _(part: Index) -> str:
    words = "unique " if part.unique else ""
    words += "" if part.method == "btree" else f"{part.method} "
    words += _list(_render_key(key) for key in part.keys)
    words += f" include {_list(part.include)}" if part.include else ""
    words += "" if part.nulls_distinct else " nulls not distinct"
    words += f" where {shorten(part.predicate)}" if part.predicate else ""
    return words + ("" if part.valid else " (invalid)")


@render_part.register
def _(part: Enum) -> str:
    return shorten(_list(f"'{value}'" for value in part.values))


@render_part.register
def _(part: Domain) -> str:
    words = [shorten_type(part.type), *([f"collation {part.collation}"] if part.collation else [])]
    words += [] if part.nullable else ["not null"]
    words += [f"default {shorten(part.default)}"] if part.default is not None else []
    words += [f"check {name} ({shorten(expression)})" for name, expression in part.checks]
    return ", ".join(words)


@render_part.register
def _(part: Sequence) -> str:
    words = [part.type, f"start {part.start}", f"increment {part.increment}"]
    words += [f"from {part.minimum} to {part.maximum}", *(["cycle"] if part.cycle else [])]
    words += [f"cache {part.cache}"] if part.cache != 1 else []
    if part.owned_by is not None:
        schema, table, column = part.owned_by
        words.append(f"owned by {render_name(schema, table)}.{column}")
    return ", ".join(words)


@render_part.register
def _(part: Other) -> str:
    return shorten(part.definition)


def _render_validity(part: ForeignKey | Check) -> str:
    if not part.enforced:
        return " not enforced"
    return "" if part.validated else " not validated"


def _list_key(part: PrimaryKey | Unique) -> str:
    if not part.without_overlaps:
        return _list(part.columns)
    *first, last = part.columns
    return _list((*first, f"{last} without overlaps"))


def _with_period(columns: tuple[str, ...], part: ForeignKey) -> tuple[str, ...]:
    return (*columns[:-1], f"period {columns[-1]}") if part.period else columns


def _render_key(key: IndexKey) -> str:
    words = [shorten(key.column if key.column is not None else key.expression or "?")]
    words += [f"collate {key.collation}"] if key.collation else []
    words += [key.opclass] if key.opclass else []
    words += ["desc"] if key.descending else []
    # Nulls are last in an ascending order and first in a descending one, unless it says otherwise.
    if key.nulls_first != key.descending:
        words.append("nulls first" if key.nulls_first else "nulls last")
    return " ".join(words)


def _render_deferral(part: PrimaryKey | Unique | ForeignKey) -> str:
    if part.initially_deferred:
        return " initially deferred"
    return " deferrable" if part.deferrable else ""


def _list(words: Iterable[str]) -> str:
    return f"({', '.join(words)})"
