"""Who waits for how much: what the proof saw to block, with the sizes that a live database says its tables have.

How long it takes there nobody here knows. What is said is its order of size: the bytes that must be read and written,
at 100 MB a second, which a disk of today does and a busy server may not (docs/proof.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.live.sizes import LiveSizes, TableSize
from bot.migration.proof_result import Proof
from bot.migration.way import TableLock

BYTES_PER_SECOND = 100_000_000
DurationClass = Literal["a moment", "seconds", "minutes", "hours"]
CauseKind = Literal["rewrite", "rows", "index", "validation", "scan"]
# How often a table's bytes go through: read, and written to the table, its indexes and the log; the heaviest first.
_PASSES: Mapping[CauseKind, int] = {"rewrite": 4, "rows": 4, "index": 3, "validation": 1, "scan": 1}


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with every row of `table`; `size` is None for one that the live database does not have."""

    table: str
    kind: CauseKind
    size: TableSize | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A lock for which users wait while the `works` are done."""

    lock: TableLock
    works: tuple[Work, ...]
    lasts: DurationClass


@dataclass(frozen=True, slots=True)
class LiveWaits:
    """What waits in one environment. `quiet` are the sizes of tables for which nobody waits long."""

    sizes: LiveSizes
    waits: tuple[Wait, ...]

    @property
    def quiet(self) -> tuple[tuple[str, TableSize], ...]:
        """The touched tables that are in none of the waits, by name."""
        named = {work.table for wait in self.waits for work in wait.works}
        return tuple(sorted(item for item in self.sizes.tables.items() if item[0] not in named))


def find_live_waits(proof: Proof, sizes: LiveSizes) -> LiveWaits:
    """The waits of the upgrade in that environment, the longest first; none when it could not be asked."""
    if sizes.reason:
        return LiveWaits(sizes, ())
    waits = tuple(_list_waits(proof, sizes))
    order: tuple[DurationClass, ...] = ("hours", "minutes", "seconds", "a moment")
    return LiveWaits(sizes, tuple(sorted(waits, key=lambda wait: order.index(wait.lasts))))


def _list_waits(proof: Proof, sizes: LiveSizes) -> Iterator[Wait]:
    for lock in proof.upgrade.list_waits():
        if lock.grows:
            works = _list_works(proof, lock, sizes)
            yield Wait(lock, works, classify(sum(map(_count_bytes, works))))


def _list_works(proof: Proof, lock: TableLock, sizes: LiveSizes) -> tuple[Work, ...]:
    """What the statements do while the lock is held, with this table and others: the heaviest of each table."""
    kinds: dict[str, list[CauseKind]] = {}
    for statement in proof.upgrade.statements[lock.first - 1 : lock.last]:
        for cause in statement.causes:
            kinds.setdefault(cause.table, []).append(cause.kind)
    order = list(_PASSES)
    return tuple(Work(table, min(some, key=order.index), sizes.tables.get(table)) for table, some in kinds.items())


def _count_bytes(work: Work) -> int:
    if work.size is None:
        return 0
    every = work.size.size_bytes + (work.size.index_bytes if work.kind in ("rewrite", "rows") else 0)
    return every * _PASSES[work.kind]


def classify(size_bytes: int) -> DurationClass:
    """The order of size of the time that so many bytes take."""
    seconds = size_bytes / BYTES_PER_SECOND
    if seconds < 1:
        return "a moment"
    return "seconds" if seconds < 60 else "minutes" if seconds < 3600 else "hours"
