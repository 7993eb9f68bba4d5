"""What the driver saw a statement do, read from its answer. It comes from the repository's process, so it may lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was new after a statement, of the tables that were there before the first one, by (schema, name).

    `transaction` counts the transactions from 1 on, None for a statement that was one by itself. `locks` are those
    that the session did not hold before. A table that is `rewritten` has a new file, one that is `scanned` was read
    from one end to the other, `changed` tells rows updated or deleted; `built` names indexes, `validated` constraints
    whose rows were checked.
    """

    transaction: int | None = None
    locks: tuple[tuple[Name, str], ...] = ()
    rewritten: tuple[Name, ...] = ()
    scanned: tuple[Name, ...] = ()
    changed: tuple[Name, ...] = ()
    inserted: tuple[Name, ...] = ()
    built: tuple[tuple[Name, str], ...] = ()
    validated: tuple[tuple[Name, str], ...] = ()


def read_seen(items: Iterable[Mapping[str, Any] | None]) -> tuple[Seen | None, ...]:
    """One for each statement, in order; None where nobody looked."""
    numbers: dict[str, int] = {}
    found: list[Seen | None] = []
    for item in items:
        if item is None:
            found.append(None)
            continue
        name = item["transaction"]
        number = None if name is None else numbers.setdefault(str(name), len(numbers) + 1)
        found.append(_read(number, item))
    return tuple(found)


def _read(transaction: int | None, item: Mapping[str, Any]) -> Seen:
    return Seen(
        transaction=transaction,
        locks=_read_pairs(item["locks"]),
        rewritten=_read_names(item["rewritten"]),
        scanned=_read_names(item["scanned"]),
        changed=_read_names(item["changed"]),
        inserted=_read_names(item["inserted"]),
        built=_read_pairs(item["built"]),
        validated=_read_pairs(item["validated"]),
    )


def _read_names(items: Iterable[Any]) -> tuple[Name, ...]:
    return tuple((str(schema), str(name)) for schema, name in items)


def _read_pairs(items: Iterable[Any]) -> tuple[tuple[Name, str], ...]:
    return tuple(((str(name[0]), str(name[1])), str(what)) for name, what in items)
