"""What must be taken down before a change and put up again after it, because Postgres refuses the change otherwise.

A column cannot change its type under a view, a trigger or a generated column; an expression that holds constants of an
enum cannot follow the enum's new self; a key cannot go while a foreign key stands on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.migration.casts import is_same_family, is_same_key_family
from bot.migration.object_steps import can_be_replaced
from bot.migration.sql_text import find_words
from bot.migration.types import split_name
from bot.schema.model import (
    Check,
    Column,
    Enum,
    Exclusion,
    ForeignKey,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
    View,
)

Name = tuple[str, str]
ColumnName = tuple[str, str, str]
Part = PrimaryKey | Unique | ForeignKey | Check | Exclusion | Index | Trigger


@dataclass(frozen=True, slots=True)
class PartPair:
    """One part of a table that stands before and after: `before` goes down, `after` goes up (None: there is none).

    `is_tweak`: nothing is rebuilt, only its comment, its validation or its firing changes in place.
    """

    schema: str
    table: str
    before: Part | None
    after: Part | None
    is_tweak: bool = False


@dataclass(frozen=True, slots=True)
class Rebuilds:
    """Everything that goes down and up. `replaced` columns are dropped and added again: they are computed ones.

    `types` are enums and domains that are made anew; `retyped` the columns whose type changes, theirs included.
    `functions` are the names of those that cannot be replaced in place.
    """

    types: frozenset[Name]
    replaced: frozenset[ColumnName]
    retyped: frozenset[ColumnName]
    functions: frozenset[str]
    parts: tuple[PartPair, ...]
    views_down: tuple[View, ...]
    views_up: tuple[View, ...]


def find_rebuilds(before: Schema, after: Schema) -> Rebuilds:
    """What to take down and put up on the way from one schema to the other."""
    types = find_rebuilt_types(before, after)
    pairs = list(pair_tables(before, after))
    retyped = frozenset(name for old, new in pairs for name in _find_retyped(old, new, types))
    functions = _find_functions_made_anew(before, after)
    replaced = frozenset(name for old, new in pairs for name in _find_replaced(old, new, retyped, functions))
    parts = [part for old, new in pairs for part in _pair_parts(old, new, types, retyped, replaced, functions)]
    parts += _pair_foreign_keys(pairs, parts, retyped, replaced)
    down, up = _find_views(before, after, retyped | replaced)
    return Rebuilds(types, replaced, retyped, functions, tuple(parts), down, up)


def _find_functions_made_anew(before: Schema, after: Schema) -> frozenset[str]:
    new = {(function.schema, function.name): function for function in after.functions}
    pairs = [(old, new[old.schema, old.name]) for old in before.functions if (old.schema, old.name) in new]
    return frozenset(old.name.partition("(")[0] for old, now in pairs if not can_be_replaced(old, now))


def pair_tables(before: Schema, after: Schema) -> Iterator[tuple[Table, Table]]:
    """The tables that stand before and after."""
    new = {(table.schema, table.name): table for table in after.tables}
    for table in before.tables:
        if (table.schema, table.name) in new:
            yield table, new[table.schema, table.name]


def pair_columns(old: Table, new: Table) -> Iterator[tuple[Column, Column]]:
    """The columns that stand before and after."""
    after = {column.name: column for column in new.columns}
    return ((column, after[column.name]) for column in old.columns if column.name in after)


def find_rebuilt_types(before: Schema, after: Schema) -> frozenset[Name]:
    """Enums that lose a value or get another order, domains that get another type: neither can be altered in place."""
    old_enums = {(enum.schema, enum.name): enum for enum in before.enums}
    old_domains = {(domain.schema, domain.name): domain.type for domain in before.domains}
    enums = {
        (enum.schema, enum.name)
        for enum in after.enums
        if (enum.schema, enum.name) in old_enums and not is_extended(old_enums[enum.schema, enum.name], enum)
    }
    domains = {
        (domain.schema, domain.name)
        for domain in after.domains
        if old_domains.get((domain.schema, domain.name), domain.type) != domain.type
    }
    return frozenset(enums | domains)


def is_extended(old: Enum, new: Enum) -> bool:
    """Whether values were only added, wherever, and none went or moved."""
    return tuple(value for value in new.values if value in old.values) == old.values


def uses_type(column: Column, types: Iterable[Name]) -> Name | None:
    """Which of these types the column has, itself or as the element of an array."""
    name = split_name(column.type.removesuffix("[]"))
    return name if name in set(types) else None


def _find_retyped(old: Table, new: Table, types: frozenset[Name]) -> Iterator[ColumnName]:
    for before, after in pair_columns(old, new):
        if before.type != after.type or before.collation != after.collation or uses_type(after, types):
            yield (new.schema, new.name, after.name)


def _find_replaced(
    old: Table, new: Table, retyped: frozenset[ColumnName], functions: frozenset[str]
) -> Iterator[ColumnName]:
    """Computed columns whose expression or type changes, those that become computed, and those that stand on them."""
    gone = {column.name for column in old.columns} - {column.name for column in new.columns}
    moved = {name for schema, table, name in retyped if (schema, table) == (new.schema, new.name)}
    for before, after in pair_columns(old, new):
        if after.generated is None:
            if before.virtual:  # there are no values that could stay
                yield (new.schema, new.name, after.name)
            continue
        stands_on = find_words(f"{before.generated or ''} {after.generated}")
        other = (before.generated, before.virtual) != (after.generated, after.virtual)
        changed = other or after.name in moved
        if changed or stands_on & (moved | gone | functions):
            yield (new.schema, new.name, after.name)


def _pair_parts(
    old: Table,
    new: Table,
    types: frozenset[Name],
    retyped: frozenset[ColumnName],
    replaced: frozenset[ColumnName],
    functions: frozenset[str],
) -> Iterator[PartPair]:
    where = (new.schema, new.name)
    lost = {name for schema, table, name in replaced if (schema, table) == where}
    hard, soft = {*lost, *functions}, {*lost, *functions}
    for before, after in pair_columns(old, new):
        if (*where, after.name) not in retyped:
            continue
        soft.add(after.name)
        if uses_type(after, types) or not is_same_family(before.type, after.type):
            hard.add(after.name)
    for before_part, after_part in _pair(_list_parts(old), _list_parts(new)):
        touched = any(_is_touched(part, lost, hard, soft) for part in (before_part, after_part) if part is not None)
        yield from _decide(where, before_part, after_part, touched)


def _is_touched(part: Part, lost: set[str], hard: set[str], soft: set[str]) -> bool:
    if isinstance(part, Trigger):
        return bool(find_words(part.definition) & soft)
    if isinstance(part, Check):
        return bool(find_words(part.expression) & hard)
    if isinstance(part, Exclusion):
        return bool(find_words(part.definition) & hard)
    if isinstance(part, Index):
        tail = part.definition.partition(" USING ")[2]
        is_simple = part.predicate is None and all(key.column and not key.opclass for key in part.keys)
        return bool(find_words(tail) & (lost if is_simple else hard))
    if isinstance(part, (PrimaryKey, Unique)):
        return bool({*part.columns, *getattr(part, "include", ())} & lost)
    return False


def _decide(where: Name, before: Part | None, after: Part | None, touched: bool) -> Iterator[PartPair]:
    if before == after and not touched:
        return
    is_tweak = before is not None and after is not None and not touched and _is_in_place(before, after)
    yield PartPair(*where, before, after, is_tweak)


def _is_in_place(before: Part, after: Part) -> bool:
    """Whether only what can be changed in place differs: comment, NOT VALID → valid, enabled."""
    fixed: dict[str, Any] = {"comment": after.comment}
    if isinstance(before, (Check, ForeignKey)) and getattr(after, "validated", False):
        fixed["validated"] = True
    if isinstance(before, Trigger) and isinstance(after, Trigger):
        fixed["enabled"] = after.enabled
    return replace(before, **fixed) == after


def _list_parts(table: Table) -> list[Part]:
    primary = [table.primary_key] if table.primary_key else []
    return [*primary, *table.uniques, *table.checks, *table.exclusions, *table.indexes, *table.triggers]


def _pair(before: Iterable[Part], after: Iterable[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    old = {(type(part), part.name): part for part in before}
    new = {(type(part), part.name): part for part in after}
    for key in [*old, *(key for key in new if key not in old)]:
        yield old.get(key), new.get(key)


def _pair_foreign_keys(
    pairs: list[tuple[Table, Table]],
    parts: list[PartPair],
    retyped: frozenset[ColumnName],
    replaced: frozenset[ColumnName],
) -> Iterator[PartPair]:
    keys_down = {
        (pair.schema, pair.table, _key_columns(pair.before))
        for pair in parts
        if pair.before is not None and not pair.is_tweak and _key_columns(pair.before)
    }
    apart = set(replaced)
    for old, new in pairs:
        for before, after in pair_columns(old, new):
            name = (new.schema, new.name, after.name)
            if name in retyped and not is_same_key_family(before.type, after.type):
                apart.add((new.schema, new.name, after.name))
    for old, new in pairs:
        for before_key, after_key in _pair(old.foreign_keys, new.foreign_keys):
            touched = any(
                isinstance(key, ForeignKey) and _loses_its_ground(key, new, keys_down, apart)
                for key in (before_key, after_key)
            )
            yield from _decide((new.schema, new.name), before_key, after_key, touched)


def _key_columns(part: Part | None) -> frozenset[str]:
    """The columns that a foreign key may refer to, if the part is a key."""
    if isinstance(part, (PrimaryKey, Unique)):
        return frozenset(part.columns)
    if isinstance(part, Index) and part.unique:
        return frozenset(key.column for key in part.keys if key.column)
    return frozenset()


def _loses_its_ground(
    key: ForeignKey, table: Table, keys_down: set[tuple[str, str, frozenset[str]]], apart: set[ColumnName]
) -> bool:
    if (key.referred_schema, key.referred_table, frozenset(key.referred_columns)) in keys_down:
        return True
    own = {(table.schema, table.name, column) for column in key.columns}
    referred = {(key.referred_schema, key.referred_table, column) for column in key.referred_columns}
    return bool((own | referred) & apart)


def _find_views(
    before: Schema, after: Schema, moved: frozenset[ColumnName]
) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """The views that go down, those that stand on others first, and those that go up, in the other order."""
    old = {(view.schema, view.name): view for view in before.views}
    new = {(view.schema, view.name): view for view in after.views}
    functions = {(f.schema, f.name): f.definition for f in after.functions}
    changed = {f.name.split("(")[0] for f in before.functions if functions.get((f.schema, f.name)) != f.definition}
    down = {name for name, view in old.items() if name not in new or not is_same_view(view, new[name])}
    down |= {name for name, view in old.items() if _stands_on(view, moved, changed)}
    while True:
        names = {name for _schema, name in down}
        more = {key for key, view in old.items() if key not in down and find_words(view.definition) & names}
        if not more:
            break
        down |= more
    up = [view for name, view in new.items() if name in down or name not in old]
    ordered_down = sort_by_mention([old[name] for name in down], _view_words)
    return tuple(reversed(ordered_down)), tuple(sort_by_mention(up, _view_words))


def is_same_view(before: View, after: View) -> bool:
    """Whether nothing of it needs a rebuild; comments and indexes change in place."""
    return replace(before, comment=after.comment, indexes=after.indexes) == after


def _stands_on(view: View, moved: frozenset[ColumnName], functions: set[str]) -> bool:
    words = find_words(view.definition)
    return bool(words & functions) or any(table in words and column in words for _schema, table, column in moved)


def _view_words(view: View) -> frozenset[str]:
    return find_words(view.definition)


def sort_by_mention(items: Iterable[Any], words: Callable[[Any], frozenset[str]]) -> list[Any]:
    """Those that mention others after those others, else by name."""
    rest = sorted(items, key=lambda item: (item.schema, item.name))
    mentions: Mapping[Name, frozenset[str]] = {(item.schema, item.name): words(item) for item in rest}
    done: list[Any] = []
    while rest:
        free = [
            item
            for item in rest
            if not any(
                other.name.split("(")[0] in mentions[item.schema, item.name] for other in rest if other is not item
            )
        ]
        for item in free or rest[:1]:
            done.append(item)
            rest.remove(item)
    return done
