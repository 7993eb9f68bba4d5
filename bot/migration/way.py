"""One way of a proof, up or down: its statements, their transactions, and the locks on tables that are in use.

How long something takes on the few rows of the proof says nothing of production. What can be said is whether it takes
longer the more rows there are: when a table is written anew or read from end to end, an index is built, rows change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.migration.alembic_runner import RanStatement
from bot.migration.known_locks import Relations, find_known_locks, is_truncate
from bot.migration.lock_modes import Blocks, find_blocked, get_strength
from bot.migration.seen import Name, Seen
from bot.schema.model import Schema
from bot.schema.part_words import render_name

MAX_SQL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a statement takes longer the more rows `table` has; `name` is the index's or constraint's."""

    kind: Literal["rewrite", "index", "validation", "rows", "scan"]
    table: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ProvedStatement:
    """`transaction` counts from 1 on; None for a statement that is one by itself, or that nobody looked at."""

    sql: str
    revision: str
    seconds: float
    transaction: int | None = None
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class TableLock:
    """A lock on a table, held from the end of statement `first` to that of `last`, after which its transaction ends.

    Statements count from 1 on. `grows` tells that one of them takes longer the more rows there are, `seconds` what
    they took in the proof. `is_seen` is False for a lock that is only known from the kind of the statement.
    """

    table: str
    mode: str
    blocks: Blocks
    first: int
    last: int
    grows: bool
    seconds: float
    is_seen: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """`is_observed` is False where the server tells nothing of the kind (SQLite), or when it was never run."""

    statements: tuple[ProvedStatement, ...] = ()
    locks: tuple[TableLock, ...] = ()
    is_observed: bool = False

    @property
    def rewritten(self) -> tuple[str, ...]:
        """The tables that were written anew."""
        causes = (cause for statement in self.statements for cause in statement.causes)
        return tuple(dict.fromkeys(cause.table for cause in causes if cause.kind == "rewrite"))

    @property
    def transactions(self) -> int:
        """How many transactions there were, those of a single statement among them."""
        numbers = [statement.transaction for statement in self.statements]
        return len({number for number in numbers if number is not None}) + numbers.count(None)

    def list_worst_locks(self, table: str) -> tuple[TableLock, ...]:
        """The strongest lock on that table; besides it the strongest that is held long, if users wait for that."""
        found = sorted((lock for lock in self.locks if lock.table == table), key=_weigh, reverse=True)
        growing = [lock for lock in found if lock.grows and lock.blocks != "nothing"]
        return tuple(dict.fromkeys((*found[:1], *growing[:1])))

    def list_waits(self) -> tuple[TableLock, ...]:
        """The worst locks of every table for which users wait."""
        tables = dict.fromkeys(lock.table for lock in self.locks)
        return tuple(lock for table in tables for lock in self.list_worst_locks(table) if lock.blocks != "nothing")


def make_way(statements: Sequence[RanStatement], before: Schema) -> Way:
    """What was seen of the statements, for the tables of `before` only."""
    relations = Relations(before)
    proved = tuple(_prove(statement, relations.tables) for statement in statements)
    is_observed = all(statement.seen is not None for statement in statements)
    locks = tuple(_list_locks(statements, proved, relations)) if is_observed else ()
    return Way(proved, locks, is_observed)


def _weigh(lock: TableLock) -> tuple[int, bool]:
    return get_strength(lock.mode), lock.grows


def list_ends(statements: Sequence[ProvedStatement]) -> tuple[int, ...]:
    """For each statement the position, from 0 on, of the last one of its transaction."""
    last = {statement.transaction: position for position, statement in enumerate(statements)}
    return tuple(
        position if statement.transaction is None else last[statement.transaction]
        for position, statement in enumerate(statements)
    )


def _prove(statement: RanStatement, tables: Collection[Name]) -> ProvedStatement:
    seen = statement.seen or Seen()
    causes = () if is_truncate(statement.sql) else tuple(_list_causes(seen, tables))
    sql = statement.sql if len(statement.sql) <= MAX_SQL_CHARACTERS else statement.sql[:MAX_SQL_CHARACTERS] + "…"
    return ProvedStatement(sql, statement.revision, statement.seconds, seen.transaction, causes)


def _list_causes(seen: Seen, tables: Collection[Name]) -> Iterator[Cause]:
    """Each once: a rewrite reads the table and builds its indexes, an index and a check read it too."""
    told: set[Name] = set(seen.rewritten)
    yield from (Cause("rewrite", render_name(*table)) for table in seen.rewritten if table in tables)
    yield from (Cause("index", render_name(*t), name) for t, name in seen.built if t in tables and t not in told)
    yield from (
        Cause("validation", render_name(*t), name) for t, name in seen.validated if t in tables and t not in told
    )
    told |= {table for table, _ in (*seen.built, *seen.validated)}
    yield from (Cause("rows", render_name(*table)) for table in seen.changed if table in tables and table not in told)
    told |= {*seen.changed}
    yield from (Cause("scan", render_name(*table)) for table in seen.scanned if table in tables and table not in told)


def _list_locks(
    statements: Sequence[RanStatement], proved: Sequence[ProvedStatement], relations: Relations
) -> Iterator[TableLock]:
    """Of each statement the strongest new lock on each table, when its transaction holds no stronger one already."""
    held: dict[tuple[int, Name], int] = {}
    ends = list_ends(proved)
    for position, statement in enumerate(statements):
        seen = statement.seen or Seen()
        is_seen = seen.transaction is not None
        locks = seen.locks if is_seen else find_known_locks(statement.sql, relations)
        for table, mode in _keep_strongest(locks):
            key = (seen.transaction or 0, table)
            if table not in relations.tables or (is_seen and get_strength(mode) <= held.get(key, -1)):
                continue
            held[key] = get_strength(mode)
            span = proved[position : ends[position] + 1]
            grows = any(item.causes for item in span if item.transaction == seen.transaction)
            seconds = sum(item.seconds for item in span)
            yield TableLock(
                render_name(*table), mode, find_blocked(mode), position + 1, ends[position] + 1, grows, seconds, is_seen
            )


def _keep_strongest(locks: Sequence[tuple[Name, str]]) -> Iterator[tuple[Name, str]]:
    strongest: dict[Name, str] = {}
    for table, mode in locks:
        if table not in strongest or get_strength(strongest[table]) < get_strength(mode):
            strongest[table] = mode
    yield from strongest.items()
