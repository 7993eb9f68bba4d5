"""The rows of one table: proposed from pools of values, judged by the server, mended where it objects."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from bot.migration.rows.hints import Hints, find_names, read_hints
from bot.migration.rows.order import Name, is_nullable, parent_of
from bot.migration.rows.partitions import read_partitions
from bot.migration.rows.server import Key, Refusal, Row, find_valid, insert_row, read_keys
from bot.migration.rows.values import Pool, build_pool, find_domain, read_type
from bot.schema.model import Column, ForeignKey, Schema, Table

ATTEMPTS_PER_ROW = 80
CAREFUL_AFTER = 25
HOPELESS_AFTER = 3
AWKWARD_ROWS = 6
RANDOM_ROWS = 2
FIRST_EXPLICIT_KEY = 1_000_000
ORDINARY, SPARSE, RANDOM = -1, -2, -3


class Unfillable(Exception):
    """No row can be proposed; the message says why."""


@dataclass(slots=True)
class Filled:
    """`places` are where the rows are (ctid or rowid); `reason` says why there is none."""

    places: list[str] = field(default_factory=list)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """What a table of a cycle has to know. `late` keys are left null for now.

    `promised` are keys of rows to come, by table and columns: this table's deferrable keys may point to those of
    another, and its own first rows take the ones that were promised of it.
    """

    late: frozenset[ForeignKey] = frozenset()
    promised: Mapping[tuple[Name, tuple[str, ...]], Sequence[Key]] = field(default_factory=dict)


class TableFiller:
    """Makes the rows of one table; the same seed makes the same rows."""

    def __init__(
        self, connection: sa.Connection, schema: Schema, table: Table, seed: int, cycle: Cycle | None = None
    ) -> None:
        self.connection, self.schema, self.table = connection, schema, table
        self.rng = random.Random(f"{seed}:{table.schema}.{table.name}")  # noqa: S311 (reproducible, not secret)
        cycle = cycle or Cycle()
        self.late, self.promised = cycle.late, cycle.promised
        self.name = (table.schema, table.name)
        self.columns = {column.name: column for column in table.columns if column.generated is None}
        self.keys = sorted((k for k in table.foreign_keys if k not in self.late), key=lambda key: -len(key.columns))
        self.key_columns = {name for key in table.foreign_keys for name in key.columns}
        self.partition_names, self.partition_bounds = read_partitions(schema, table)
        self.pools = self._build_pools()
        self.known_keys: dict[ForeignKey, list[Key]] = {}
        self.number = 0

    def fill(self) -> Filled:
        """Insert the rows that the server accepts."""
        filled = Filled()
        profiles = [ORDINARY, SPARSE, *range(AWKWARD_ROWS), *[RANDOM] * RANDOM_ROWS]
        refusal: Refusal | None = None
        for count, profile in enumerate(profiles):
            if not filled.places and count >= HOPELESS_AFTER:
                break
            try:
                result = self._make_row(profile, self._fixed_values(count))
            except Unfillable as error:
                filled.reason = str(error)
                return filled
            if isinstance(result, str):
                filled.places.append(result)
            else:
                refusal = result
        if not filled.places and refusal is not None:
            filled.reason = f"the server refused every row that was tried: {refusal.message}"
        return filled

    def make_keys(self, columns: Sequence[str], count: int) -> list[Key]:
        """Keys for rows to come, for `promised`."""
        return [tuple(self._explicit(name, number) for name in columns) for number in range(count)]

    def _build_pools(self) -> Mapping[str, Pool]:
        pools: dict[str, Pool] = {}
        for name, column in self.columns.items():
            pool = build_pool(self.schema, column, self._hints(column), self.rng)
            valid = find_valid(self.connection, column.type, (*pool.awkward, *pool.hinted))
            pools[name] = _keep(pool, valid)
        return pools

    def _hints(self, column: Column) -> Hints:
        """Constants of what the column has to satisfy: checks of the table and of its domain, predicates of indexes."""
        hints = Hints()
        expressions = [check.expression for check in self.table.checks]
        expressions += [index.predicate for index in self.table.indexes if index.predicate]
        for expression in expressions:
            if column.name in find_names(expression):
                hints += read_hints(expression)
        if column.name in self.partition_names:
            hints += read_hints(self.partition_bounds)
        domain = find_domain(self.schema, read_type(column.type).name)
        for _, expression in domain.checks if domain else ():
            hints += read_hints(expression)
        return hints

    # One row

    def _make_row(self, profile: int, fixed: Mapping[str, str]) -> str | Refusal:
        refusal = Refusal("other", "no row could be proposed")
        row: Row | None = None
        for attempt in range(ATTEMPTS_PER_ROW):
            if row is None:
                row = self._propose(profile if attempt == 0 else RANDOM, fixed)
            if row is None:
                continue
            result = insert_row(self.connection, self.table, row)
            if isinstance(result, str):
                return result
            refusal = result
            row = self._mend(row, refusal, fixed, attempt)
        return refusal

    def _propose(self, profile: int, fixed: Mapping[str, str]) -> Row | None:
        """A whole row, or None when the choice of one key left nothing for another that shares a column."""
        row: Row = dict(fixed)
        for name, column in self.columns.items():
            if name not in fixed and name not in self.key_columns and not self._is_left_out(column, profile):
                row[name] = self._choose(name, profile)
        return row if self._set_keys(row, profile, self.keys, set(fixed)) else None

    def _mend(self, row: Row, refusal: Refusal, fixed: Mapping[str, str], attempt: int) -> Row | None:
        """The row with the columns of the broken rule chosen again; None to propose a new one."""
        if refusal.columns is None or attempt % 10 == 9:
            return None
        mended = dict(row)
        for name in refusal.columns & self.columns.keys() - fixed.keys() - self.key_columns:
            if refusal.kind == "not_null":
                mended[name] = self.pools[name].ordinary(self._next())
            else:
                fresh = refusal.kind in ("unique", "exclusion") and self.rng.random() < 0.7
                mended[name] = self._choose(name, ORDINARY if fresh or attempt > CAREFUL_AFTER else RANDOM)
        keys = [key for key in self.keys if refusal.columns & set(key.columns)]
        if not keys:
            return mended
        settled = set(mended) & self.key_columns - {name for key in keys for name in key.columns}
        return mended if self._set_keys(mended, RANDOM, keys, settled | set(fixed)) else None

    def _is_automatic(self, column: Column) -> bool:
        """Whether the server numbers it: identity, serial, or SQLite's INTEGER PRIMARY KEY."""
        if column.identity or (column.default or "").startswith("nextval("):
            return True
        key = self.table.primary_key
        rowid = key is not None and key.columns == (column.name,) and column.type.upper() == "INTEGER"
        return self.schema.dialect == "sqlite" and rowid

    def _is_left_out(self, column: Column, profile: int) -> bool:
        if self._is_automatic(column):
            return True
        return column.default is not None and (profile == SPARSE or (profile == RANDOM and self.rng.random() < 0.2))

    def _choose(self, name: str, profile: int) -> str | None:
        pool, nullable = self.pools[name], self.columns[name].nullable
        if nullable and (profile == SPARSE or (profile == RANDOM and self.rng.random() < 0.25)):
            return None
        if pool.hinted and self.rng.random() < 0.85:
            return self.rng.choice(pool.hinted)
        if profile >= 0 and pool.awkward:
            return pool.awkward[profile % len(pool.awkward)]
        if profile == RANDOM and pool.awkward and self.rng.random() < 0.5:
            return self.rng.choice(pool.awkward)
        return pool.ordinary(self._next())

    def _next(self) -> int:
        self.number += 1
        return self.number

    # Foreign keys

    def _set_keys(self, row: Row, profile: int, keys: Sequence[ForeignKey], settled: set[str]) -> bool:
        """Give the columns of each key a parent's values (or null), leaving those that are settled. False: no match."""
        for key in keys:
            fits = [values for values in self._parent_keys(key) if _agrees(key, values, row, settled)]
            nullable = is_nullable(self.table, key)
            if not fits and not nullable and parent_of(key) == self.name:
                self._point_to_itself(row, key)
            elif nullable and (not fits or profile == SPARSE or self.rng.random() < 0.15):
                self._set_null(row, key, settled)
            elif fits:
                choice = self._next() % len(fits) if profile in (ORDINARY, SPARSE) else self.rng.randrange(len(fits))
                row.update(zip(key.columns, fits[choice], strict=True))
            elif self.known_keys.get(key):
                return False
            else:
                raise Unfillable(f"it needs a row of {key.referred_table}, which has none")
            settled |= {name for name in key.columns if name in row}
        for key in self.late:
            self._set_null(row, key, settled)
        return True

    def _set_null(self, row: Row, key: ForeignKey, settled: set[str]) -> None:
        for name in key.columns:
            if name not in settled and (self.columns[name].nullable or name not in row):
                row[name] = None if self.columns[name].nullable else self._choose(name, ORDINARY)

    def _parent_keys(self, key: ForeignKey) -> list[Key]:
        parent = parent_of(key)
        if (parent, key.referred_columns) in self.promised:
            return list(self.promised[parent, key.referred_columns])
        if key not in self.known_keys or parent == self.name:
            table = self.table if parent == self.name else self.schema.find_table(parent[1], parent[0])
            self.known_keys[key] = [] if table is None else read_keys(self.connection, table, key.referred_columns)
        return self.known_keys[key]

    def _point_to_itself(self, row: Row, key: ForeignKey) -> None:
        """The first row of a table whose key to itself may not be null is its own parent."""
        for name, referred in zip(key.columns, key.referred_columns, strict=True):
            if row.get(referred) is None:
                row[referred] = self._explicit(referred, self._next())
            row[name] = row[referred]

    def _explicit(self, name: str, number: int) -> str:
        column = self.columns[name]
        return self.pools[name].ordinary(FIRST_EXPLICIT_KEY + number if self._is_automatic(column) else number)

    def _fixed_values(self, count: int) -> Mapping[str, str]:
        fixed: dict[str, str] = {}
        for (name, columns), keys in self.promised.items():
            if name == self.name and count < len(keys):
                fixed.update(zip(columns, keys[count], strict=True))
        return fixed


def _agrees(key: ForeignKey, values: Key, row: Row, settled: Collection[str]) -> bool:
    pairs = zip(key.columns, values, strict=True)
    return all(name not in settled or row.get(name) == value for name, value in pairs)


def _keep(pool: Pool, valid: Collection[str]) -> Pool:
    awkward = tuple(value for value in pool.awkward if value in valid)
    return replace(pool, awkward=awkward, hinted=tuple(value for value in pool.hinted if value in valid))
