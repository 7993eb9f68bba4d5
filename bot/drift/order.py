"""Groups of changes in an order in which they can be carried out one by one: what is needed comes first, goes last.

Who needs whom is found by the words of definitions. That finds too much rather than too little, which only costs an
order that need not be; where two need each other, the one that comes first in the difference goes first.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass

from bot.drift.groups import Group
from bot.migration.sql_text import find_words
from bot.schema.change import Change
from bot.schema.model import Index, PrimaryKey, Unique

Words = frozenset[str]
_SILENT = frozenset({"name", "comment", "schema"})  # fields of a part that do not say what it needs


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a group makes and takes away, each as the words that whoever needs it has; the words before and after."""

    makes: tuple[Words, ...]
    takes: tuple[Words, ...]
    before: Words
    after: Words


def order_groups(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups so that each can be carried out after those before it."""
    needs = [_read_needs(group) for group in groups]
    followers: list[set[int]] = [set() for _ in groups]
    by_before, by_after = _index(item.before for item in needs), _index(item.after for item in needs)
    for place, item in enumerate(needs):
        for words in item.makes:
            followers[place] |= _find_users(words, by_after) - {place}
        for words in item.takes:
            for user in _find_users(words, by_before) - {place}:
                followers[user].add(place)
    return tuple(groups[place] for place in _sort(followers))


def _sort(followers: Sequence[set[int]]) -> Iterator[int]:
    """Kahn's algorithm, the lowest first; of a circle the lowest goes first."""
    waits = [0] * len(followers)
    for following in followers:
        for follower in following:
            waits[follower] += 1
    free = [place for place, number in enumerate(waits) if number == 0]
    done: set[int] = set()
    rest = iter(range(len(followers)))
    while len(done) < len(followers):
        place = heapq.heappop(free) if free else next(item for item in rest if item not in done)
        if place in done:
            continue
        done.add(place)
        yield place
        for follower in followers[place]:
            waits[follower] -= 1
            if waits[follower] == 0 and follower not in done:
                heapq.heappush(free, follower)


def _index(sides: Iterable[Words]) -> dict[str, set[int]]:
    places: dict[str, set[int]] = {}
    for place, words in enumerate(sides):
        for word in words:
            places.setdefault(word, set()).add(place)
    return places


def _find_users(words: Words, index: dict[str, set[int]]) -> set[int]:
    return set.intersection(*(index.get(word, set()) for word in words))


def _read_needs(group: Group) -> _Needs:
    changes = group.changes
    return _Needs(
        makes=tuple(_name(change) for change in changes if change.action == "add"),
        takes=tuple(_name(change) for change in changes if change.action == "drop"),
        before=frozenset(word for change in changes for word in _list_words(change.before)),
        after=frozenset(word for change in changes for word in _list_words(change.after)),
    )


def _name(change: Change) -> Words:
    """The words that somebody who needs it has: a column's are its table's and its own."""
    part = change.after or change.before
    name = change.name.partition("(")[0]
    if isinstance(part, (PrimaryKey, Unique)):
        return frozenset({change.table or "", *part.columns})
    if isinstance(part, Index) and part.unique:
        return frozenset({change.table or "", *(key.column for key in part.keys if key.column)})
    return frozenset({name} if change.table is None else {change.table, name})


def _list_words(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
        yield from find_words(part)
        yield from re.findall(r"\w+", part)  # nextval('name') has its name in a string
    elif isinstance(part, tuple):
        for item in part:
            yield from _list_words(item)
    elif is_dataclass(part):
        for field in fields(part):
            if field.name not in _SILENT:
                yield from _list_words(getattr(part, field.name))
