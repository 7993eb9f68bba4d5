"""Differences that are meant to be: marked with the reason, and counted no more; an expired rule counts for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from bot.config import IgnoreConfig
from bot.drift.history import HistoryItem
from bot.drift.item import Comparison, Ignored, Item
from bot.schema.part_words import render_name


def ignore_items(comparison: Comparison, rules: Sequence[IgnoreConfig], today: date) -> Comparison:
    """The comparison with those of its items marked that a rule speaks of."""
    return replace(comparison, items=tuple(_mark(item, rules, today) for item in comparison.items))


def ignore_history(items: Iterable[HistoryItem], rules: Sequence[IgnoreConfig], today: date) -> tuple[HistoryItem, ...]:
    """The items with those marked that a rule speaks of, by the names of revisions or environments."""
    return tuple(replace(item, ignored=_find_rule([item.name], item.kind, rules, today)) for item in items)


def _mark(item: Item, rules: Sequence[IgnoreConfig], today: date) -> Item:
    return replace(item, ignored=_find_rule(list_names(item), item.change.kind, rules, today))


def list_names(item: Item) -> list[str]:
    """What a pattern may match: the name within its table (`orders.note`), and that of an index or constraint alone."""
    change = item.change
    if change.table is None:
        return [render_name(change.schema if change.kind != "schema" else "", change.name)]
    table = render_name(change.schema, change.table)
    return [f"{table}.{change.name}", *([] if change.kind == "column" else [change.name])]


def _find_rule(names: Sequence[str], kind: str, rules: Sequence[IgnoreConfig], today: date) -> Ignored | None:
    for rule in rules:
        if rule.until is not None and rule.until < today:
            continue
        if rule.kinds and kind not in rule.kinds:
            continue
        if any(fnmatchcase(name, pattern) for name in names for pattern in rule.objects):
            return Ignored(rule.reason, rule.until)
    return None
