"""Statements for what no revision is written for: options of tables and views, policies, rules, statistics, types."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from bot.migration.sql_text import quote_literal, quote_name, quote_qualified
from bot.schema.change import Change
from bot.schema.model import Other, Table, View

_POLICY = re.compile(
    r"(?P<mode>PERMISSIVE|RESTRICTIVE) (?P<command>FOR [A-Z]+) TO (?P<roles>.+?)"
    r"(?: USING (?P<using>.+?))?(?: WITH CHECK (?P<check>.+))?",
    re.DOTALL,
)
_WORDS = {  # option of a table: what sets it, what takes it back
    "UNLOGGED": ("SET UNLOGGED", "SET LOGGED"),
    "ROW LEVEL SECURITY": ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
    "FORCE ROW LEVEL SECURITY": ("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
    "REPLICA IDENTITY FULL": ("REPLICA IDENTITY FULL", "REPLICA IDENTITY DEFAULT"),
    "REPLICA IDENTITY NOTHING": ("REPLICA IDENTITY NOTHING", "REPLICA IDENTITY DEFAULT"),
}


def list_object_statements(change: Change) -> Iterator[str]:
    """What leads from `before` to `after`, beside the steps of the writer; nothing where nothing is known."""
    before, after = change.before, change.after
    if isinstance(before, Other) or isinstance(after, Other):
        yield from _replace_other(before, after)
    elif isinstance(after, View):
        old = before.options if isinstance(before, View) and before.definition == after.definition else ()
        kind = "MATERIALIZED VIEW" if after.materialized else "VIEW"
        yield from _set_parameters(f"ALTER {kind} {quote_qualified(after.schema, after.name)}", old, after.options)
    elif isinstance(after, Table):
        old = before.options if isinstance(before, Table) else ()
        yield from _change_options(quote_qualified(after.schema, after.name), old, after.options)


def _change_options(table: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    alter = f"ALTER TABLE {table}"
    for option in before:
        if option in _WORDS and option not in after and not (option.startswith("REPLICA") and _has_identity(after)):
            yield f"{alter} {_WORDS[option][1]}"
    for option in after:
        if option in _WORDS and option not in before:
            yield f"{alter} {_WORDS[option][0]}"
        elif option.startswith("REPLICA IDENTITY USING") and option not in before:
            yield f"{alter} {option}"
        elif option.startswith("USING ") and option not in before:
            yield f"{alter} SET ACCESS METHOD {option.removeprefix('USING ')}"
    yield from _set_parameters(alter, before, after)


def _has_identity(options: tuple[str, ...]) -> bool:
    return any(option.startswith("REPLICA IDENTITY") for option in options)


def _set_parameters(alter: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    """Storage parameters, `fillfactor=70`."""
    old, new = (dict(item.split("=", 1) for item in side if "=" in item) for side in (before, after))
    gone = [name for name in old if name not in new]
    come = [f"{name}={_quote_value(value)}" for name, value in new.items() if old.get(name) != value]
    if gone:
        yield f"{alter} RESET ({', '.join(gone)})"
    if come:
        yield f"{alter} SET ({', '.join(come)})"


def _quote_value(value: str) -> str:
    return value if re.fullmatch(r"[\w.]+", value) else quote_literal(value)


def _replace_other(before: object, after: object) -> Iterator[str]:
    """Gone, new, or taken away and made again; an object whose making is not known is left as it is."""
    made = list(_create(after)) if isinstance(after, Other) else []
    if isinstance(after, Other) and not made:
        return
    if isinstance(before, Other) and before.kind in _DROPS:
        yield _DROPS[before.kind](before)
    yield from made


def _create(item: Other) -> Iterator[str]:
    create = _CREATES.get(item.kind)
    statement = create(item) if create else None
    if statement is None:
        return
    yield statement
    if item.comment is not None:
        words = {"composite type": "TYPE", "range type": "TYPE"}.get(item.kind, item.kind.upper())
        yield f"COMMENT ON {words} {_locate(item)} IS {quote_literal(item.comment)}"


def _locate(item: Other) -> str:
    """The name as COMMENT and DROP take it."""
    if item.kind in ("policy", "rule"):
        return f"{quote_name(item.name)} ON {quote_qualified(item.schema, item.table or '')}"
    return quote_qualified(item.schema, item.name)


def _create_policy(item: Other) -> str | None:
    match = _POLICY.fullmatch(item.definition)
    if match is None or item.definition.count(" WITH CHECK ") > 1 or item.definition.count(" USING ") > 1:
        return None
    using = f" USING ({match['using']})" if match["using"] else ""
    check = f" WITH CHECK ({match['check']})" if match["check"] else ""
    return f"CREATE POLICY {_locate(item)} AS {match['mode']} {match['command']} TO {match['roles']}{using}{check}"


def _create_rule(item: Other) -> str | None:
    return None if " -- ENABLED " in item.definition else item.definition.removesuffix(";")


_CREATES: Mapping[str, Callable[[Other], str | None]] = {
    "policy": _create_policy,
    "rule": _create_rule,
    "statistics": lambda item: item.definition,
    "composite type": lambda item: f"CREATE TYPE {_locate(item)} AS ({item.definition})",
    "range type": lambda item: f"CREATE TYPE {_locate(item)} AS RANGE ({item.definition})",
}
_DROPS: Mapping[str, Callable[[Other], str]] = {
    "policy": lambda item: f"DROP POLICY {_locate(item)}",
    "rule": lambda item: f"DROP RULE {_locate(item)}",
    "statistics": lambda item: f"DROP STATISTICS {_locate(item)}",
    "composite type": lambda item: f"DROP TYPE {_locate(item)}",
    "range type": lambda item: f"DROP TYPE {_locate(item)}",
}
