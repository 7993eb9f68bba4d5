"""Which stage each change of a difference belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bot.migration.difference import Difference
from bot.migration.rebuilds import ColumnName
from bot.migration.rewrites import is_volatile
from bot.migration.sql_text import find_words
from bot.migration.stage import Fill, Stage, fill_with_default
from bot.schema.change import Change
from bot.schema.model import Check, Column, Exclusion, ForeignKey, Index, Sequence, Table, Trigger, Unique


@dataclass(slots=True)
class Piles:
    """What each stage does."""

    changes: dict[Stage, list[Change]] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)

    def put(self, stage: Stage, change: Change) -> None:
        self.changes.setdefault(stage, []).append(change)


def sort_changes(difference: Difference, changes: Iterable[Change]) -> Piles:
    """Every change in its stage, some of them cut in two."""
    return _Sorter(difference, changes).sort()


class _Sorter:
    def __init__(self, difference: Difference, changes: Iterable[Change]) -> None:
        self.difference, self.changes = difference, list(changes)
        self.piles = Piles()
        self.new = {(t.schema, t.name, c.name) for _o, t in difference.pairs for c in t.columns}
        self.new -= {(t.schema, t.name, c.name) for t, _n in difference.pairs for c in t.columns}
        self.core = {
            (change.schema, change.table or "", change.name)
            for change in self.changes
            if change.kind == "column" and change.action == "alter" and not _is_light(change.before, change.after)
        }
        self.gone = {
            (change.schema, change.table or "", change.name)
            for change in self.changes
            if change.kind == "column" and change.action == "drop"
        }
        self.keys = {
            (change.schema, change.table or "", _list_key_columns(change.after)): change.kind
            for change in self.changes
            if change.kind in ("primary_key", "unique", "index") and change.after is not None
        }
        self.key_stages = {
            (change.schema, change.table or ""): self._choose(change)
            for change in self.changes
            if change.kind == "primary_key"
        }
        self.partitioned = {(t.schema, t.name) for _o, t in difference.pairs if t.partition}

    def sort(self) -> Piles:
        for change in self.changes:
            if change.kind == "column":
                self._sort_column(change)
            elif change.kind == "table" and change.action == "add" and isinstance(change.after, Table):
                self._sort_new_table(change, change.after)
            else:
                self.piles.put(self._choose(change), change)
        return self.piles

    def _sort_new_table(self, change: Change, table: Table) -> None:
        """Its foreign keys wait for keys of other tables that are still to be built."""
        later = {key: stage for key in table.foreign_keys if (stage := self._find_ground(key)) is not None}
        kept = tuple(key for key in table.foreign_keys if key not in later)
        self.piles.put(Stage.EXPAND, replace(change, after=replace(table, foreign_keys=kept)))
        for key, stage in later.items():
            self.piles.put(stage, Change("add", "foreign_key", table.schema, key.name or "", None, key, table.name))

    def _find_ground(self, key: ForeignKey) -> Stage | None:
        """The stage after which what the key refers to is there, None when it is there already."""
        where = (key.referred_schema, key.referred_table, frozenset(key.referred_columns))
        kind = self.keys.get(where)
        if kind is None:
            return None
        return Stage.RESTRICT if kind == "primary_key" else Stage.LINK

    def _sort_column(self, change: Change) -> None:
        before, after = change.before, change.after
        if change.action == "add" and isinstance(after, Column):
            self._sort_new_column(change, after)
        elif change.action == "drop" and isinstance(before, Column):
            self._sort_old_column(change, before)
        elif isinstance(before, Column) and isinstance(after, Column):
            self._sort_changed_column(change, before, after)

    def _sort_new_column(self, change: Change, column: Column) -> None:
        if self._is_computed_from_core(change, column):
            self.piles.put(Stage.CHANGE, change)
            return
        fills = column.generated is None and column.identity is None and is_volatile(column.default)
        bare = column.default is None and column.identity is None and column.generated is None
        if column.nullable or not (fills or bare):
            self.piles.put(Stage.EXPAND, change)
        else:
            loose = replace(column, nullable=True)
            self.piles.put(Stage.EXPAND, replace(change, after=loose))
            tight = Change("alter", "column", change.schema, change.name, loose, column, change.table)
            self.piles.put(Stage.BUILD if fills else self._choose_for_strictness(change), tight)
        if fills:
            self.piles.fills.append(fill_with_default(change.schema, change.table or "", change.name))

    def _sort_old_column(self, change: Change, column: Column) -> None:
        """The new code does not know the column: it must be able to leave it out before it goes."""
        if self._is_computed_from_core(change, column):
            self.piles.put(Stage.CHANGE, change)
            return
        needed = not column.nullable and column.default is None and column.identity is None
        if needed and not self._is_key(change):
            loose = replace(column, nullable=True)
            relax = Change("alter", "column", change.schema, change.name, column, loose, change.table)
            self.piles.put(Stage.EXPAND, relax)
            change = replace(change, before=loose)
        self.piles.put(Stage.CONTRACT, change)

    def _sort_changed_column(self, change: Change, before: Column, after: Column) -> None:
        if not _is_light(before, after):
            self.piles.put(Stage.CHANGE, change)
            return
        loose = replace(after, nullable=before.nullable or after.nullable)
        if after.nullable and not before.nullable and self._is_key(change):
            held = replace(after, nullable=False)
            stage = self.key_stages.get((change.schema, change.table or ""), Stage.CHANGE)
            self.piles.put(stage, replace(change, before=held))
            change, loose, after = replace(change, after=held), held, held
        if loose != before:
            self.piles.put(Stage.EXPAND, replace(change, after=loose))
        if loose != after:
            self.piles.put(self._choose_for_strictness(change), replace(change, before=loose))

    def _choose_for_strictness(self, change: Change) -> Stage:
        """When null is forbidden: a new primary key forbids it anyway, and does not let it be allowed again."""
        return Stage.CHANGE if self._is_key(change, is_new=True) else Stage.RESTRICT

    def _is_key(self, change: Change, *, is_new: bool = False) -> bool:
        """Whether the column is of the primary key, which does not let it be null."""
        for pair in self.difference.pairs:
            table = pair[is_new]
            if (table.schema, table.name) == (change.schema, change.table):
                return table.primary_key is not None and change.name in table.primary_key.columns
        return False

    def _is_computed_from_core(self, change: Change, column: Column) -> bool:
        """Whether it comes or goes together with a column that it is computed from and whose type changes."""
        words = find_words(column.generated or "")
        return any((change.schema, change.table or "", word) in self.core for word in words)

    def _choose(self, change: Change) -> Stage:
        if change.kind in ("index", "unique", "check", "foreign_key", "exclusion"):
            return self._choose_for_part(change)
        if change.kind in ("view", "trigger", "function"):
            return self._choose_for_code(change)
        if change.kind == "sequence":
            return self._choose_for_sequence(change)
        if change.kind == "primary_key" and change.action == "drop" and self._is_needed_by_what_goes(change):
            return Stage.CONTRACT
        if change.kind == "primary_key" or (change.kind in ("domain", "extension") and change.action == "alter"):
            return Stage.CHANGE
        return Stage.CONTRACT if change.action == "drop" else Stage.EXPAND

    def _choose_for_part(self, change: Change) -> Stage:
        part: Any = change.after or change.before
        if self._mentions(change, self.core):
            return Stage.CHANGE if change.before is not None else Stage.RESTRICT
        if change.before is not None and change.after is not None:
            return self._choose_for_changed_part(change)
        if change.action == "drop":
            return self._choose_for_dropped_part(change)
        if isinstance(part, Exclusion) or (change.schema, change.table or "") in self.partitioned:
            return Stage.CONTRACT
        if isinstance(part, (Check, ForeignKey)) and not self._mentions(change, self.new):
            return Stage.RESTRICT
        ground = self._find_ground(part) if isinstance(part, ForeignKey) else None
        return ground or Stage.BUILD

    def _choose_for_changed_part(self, change: Change) -> Stage:
        before, after = change.before, change.after
        if replace(before, comment=None) == replace(after, comment=None):  # type: ignore[type-var]  # both are parts
            return Stage.EXPAND
        if isinstance(after, Exclusion) or (change.schema, change.table or "") in self.partitioned:
            return Stage.CHANGE
        if isinstance(before, (Check, ForeignKey)) and isinstance(after, (Check, ForeignKey)):
            if not after.validated:
                return Stage.CHANGE
            if not before.validated and replace(before, validated=True, comment=after.comment) == after:
                return Stage.RESTRICT
        return Stage.SWAP

    def _is_needed_by_what_goes(self, change: Change) -> bool:
        """Whether a foreign key of a table that goes refers to this key: then both go together."""
        columns = _list_key_columns(change.before) if change.kind in ("primary_key", "unique", "index") else None
        return any(
            (key.referred_schema, key.referred_table, frozenset(key.referred_columns))
            == (change.schema, change.table, columns)
            for table in self.difference.gone
            for key in table.foreign_keys
        )

    def _choose_for_dropped_part(self, change: Change) -> Stage:
        if self._is_needed_by_what_goes(change):
            return Stage.CONTRACT
        if not isinstance(change.before, Index):
            return Stage.EXPAND
        goes_along = self._mentions(change, self.gone) or (change.schema, change.table or "") in self.partitioned
        return Stage.CONTRACT if goes_along else Stage.RESTRICT

    def _choose_for_code(self, change: Change) -> Stage:
        """Views, functions and triggers: what is added early must not need what changes later."""
        if change.action == "alter" and not isinstance(change.before, Trigger) and _is_comment(change):
            return Stage.EXPAND
        if change.action == "add" and (change.kind == "function" or not self._has_core()):
            return Stage.EXPAND
        if change.action == "drop" and (change.kind == "function" or (change.kind == "view" and not self._has_core())):
            return Stage.CONTRACT
        return Stage.CHANGE

    def _has_core(self) -> bool:
        if self.core:
            return True
        return any(
            change.action == "alter" and change.kind in ("view", "function") and not _is_comment(change)
            for change in self.changes
        )

    def _choose_for_sequence(self, change: Change) -> Stage:
        owners = {item.owned_by for item in (change.before, change.after) if isinstance(item, Sequence)}
        if owners & self.core:
            return Stage.CHANGE
        return Stage.CONTRACT if change.action == "drop" else Stage.EXPAND

    def _mentions(self, change: Change, columns: set[ColumnName]) -> bool:
        names = {name for schema, table, name in columns if (schema, table) == (change.schema, change.table)}
        words = {word for part in (change.before, change.after) if part is not None for word in _list_words(part)}
        return bool(names & words)


def _list_key_columns(part: Any) -> frozenset[str]:
    if isinstance(part, Index):
        return frozenset(key.column for key in part.keys if key.column) if part.unique else frozenset()
    return frozenset(part.columns)


def _list_words(part: Any) -> Iterator[str]:
    if isinstance(part, Index):
        yield from find_words(part.definition.partition(" USING ")[2])
    elif isinstance(part, Check):
        yield from find_words(part.expression)
    elif isinstance(part, Exclusion):
        yield from find_words(part.definition)
    elif isinstance(part, Unique):
        yield from (*part.columns, *part.include)
    elif isinstance(part, ForeignKey):
        yield from part.columns


def _is_light(before: Any, after: Any) -> bool:
    """Whether only its default, its comment or its nullability changes."""
    return bool(replace(before, nullable=after.nullable, default=after.default, comment=after.comment) == after)


def _is_comment(change: Change) -> bool:
    before: Any = change.before
    return (
        change.before is not None
        and change.after is not None
        and replace(before, comment=None)
        == replace(
            change.after,
            comment=None,  # type: ignore[type-var]  # objects of the catalog, all of them dataclasses
        )
    )
