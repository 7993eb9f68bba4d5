"""Changes put together as a person would count them: a missing column is one difference, whatever indexes it had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.migration.renames import Rename
from bot.migration.sql_text import find_words
from bot.schema.change import Change
from bot.schema.model import Column, ForeignKey, Index, Schema
from bot.schema.model import Sequence as SequencePart

_RENAMED = ("primary_key", "unique", "check", "exclusion", "foreign_key", "index")
_STANDS_ON_COLUMNS = (*_RENAMED, "trigger")
Key = tuple[str, str, str | None, str]


@dataclass(frozen=True, slots=True)
class Group:
    """`main` is what is told, `changes` are all that are carried out; `rename` where nothing but the name differs."""

    main: Change
    changes: tuple[Change, ...]
    rename: Rename | None = None

    @property
    def along(self) -> tuple[Change, ...]:
        """What comes with the main change."""
        return () if self.main not in self.changes else tuple(item for item in self.changes if item != self.main)


def group_changes(changes: Sequence[Change], schemas: Sequence[Schema]) -> tuple[Group, ...]:
    """The changes between the schemas, each in one group, in their order."""
    renames = list(_find_renames(changes))
    taken = {_identify(change) for group in renames for change in group.changes}
    rest = [change for change in changes if _identify(change) not in taken]
    owners = {**_find_owners(rest), **_find_referred(rest, schemas)}
    members: dict[Key, list[Change]] = {}
    for change in rest:
        members.setdefault(_find_root(_identify(change), owners), []).append(change)
    mains = [change for change in rest if _identify(change) not in owners]
    return (*renames, *(Group(change, tuple(members[_identify(change)])) for change in mains))


def _find_renames(changes: Iterable[Change]) -> Iterator[Group]:
    """Parts of one table that differ in nothing but their name."""
    gone: dict[object, Change] = {}
    born: dict[object, Change] = {}
    for change in changes:
        if change.kind in _RENAMED and change.action != "alter" and change.name:
            part = change.before or change.after
            pile = gone if change.action == "drop" else born
            pile.setdefault((change.kind, change.schema, change.table, _forget_name(part)), change)
    for content, old in gone.items():
        new = born.get(content)
        if new is not None:
            kind: Any = "index" if old.kind == "index" else "constraint"
            rename = Rename(kind, old.schema, old.name, new.name, old.table)
            told = replace(old, action="alter", name=new.name, after=new.after)
            yield Group(told, (old, new), rename)


def _forget_name(part: Any) -> object:
    if isinstance(part, Index):
        return replace(part, name="", definition=part.definition.partition(" USING ")[2])
    return replace(part, name="")


def _find_owners(changes: Sequence[Change]) -> dict[Key, Key]:
    """For each change that comes along: the change that it comes along with."""
    columns: dict[tuple[str, str | None], list[Change]] = {}
    tables: dict[tuple[str, str], Change] = {}
    for change in changes:
        if change.kind == "column":
            columns.setdefault((change.schema, change.table), []).append(change)
        elif change.kind == "table" and change.action != "alter":
            tables[change.schema, change.name] = change
    owners = {}
    for change in changes:
        owner = _find_owner(change, columns, tables)
        if owner is not None:
            owners[_identify(change)] = _identify(owner)
    return owners


def _find_referred(changes: Iterable[Change], schemas: Iterable[Schema]) -> dict[Key, Key]:
    """Columns that get another type together with those that they refer to: neither can go first."""
    retyped = {(c.schema, c.table or "", c.name): c for c in changes if c.kind == "column" and _is_retyped(c)}
    owners: dict[Key, Key] = {}
    for table in (table for schema in schemas for table in schema.tables) if len(retyped) > 1 else ():
        for key in table.foreign_keys:
            for name, referred in zip(key.columns, key.referred_columns, strict=True):
                own = retyped.get((table.schema, table.name, name))
                other = retyped.get((key.referred_schema, key.referred_table, referred))
                if own is not None and other is not None and _find_root(_identify(other), owners) != _identify(own):
                    owners[_identify(own)] = _identify(other)
    return owners


def _find_root(key: Key, owners: dict[Key, Key]) -> Key:
    while key in owners:
        key = owners[key]
    return key


def _is_retyped(change: Change) -> bool:
    before, after = change.before, change.after
    return isinstance(before, Column) and isinstance(after, Column) and before.type != after.type


def _find_owner(
    change: Change, columns: dict[tuple[str, str | None], list[Change]], tables: dict[tuple[str, str], Change]
) -> Change | None:
    part: Any = change.after or change.before
    if isinstance(part, SequencePart) and part.owned_by is not None:
        schema, table, name = part.owned_by
        column = next((item for item in columns.get((schema, table), ()) if item.name == name), None)
        # In `alter`, the owner is told of the sequence only if the column has a change of its own.
        return tables.get((schema, table)) or column if change.action != "alter" else None
    if isinstance(part, ForeignKey) and (part.referred_schema, part.referred_table) in tables:
        table_change = tables[part.referred_schema, part.referred_table]
        return table_change if table_change.action == change.action else None
    if change.kind in _STANDS_ON_COLUMNS:
        words = _list_columns(part)
        found = (item for item in columns.get((change.schema, change.table), ()) if item.name in words)
        return next((item for item in found if _explains(item, change)), None)
    return None


def _explains(column: Change, part: Change) -> bool:
    """Whether the part could not be otherwise, given the column: it is not there, or its type changes expressions."""
    if column.action != "alter":
        return column.action == part.action
    return _is_retyped(column) and part.action == "alter" and part.kind in ("check", "index", "exclusion")


def _list_columns(part: Any) -> frozenset[str]:
    text = getattr(part, "definition", "") or getattr(part, "expression", "")
    return find_words(text) | frozenset(getattr(part, "columns", ()))


def _identify(change: Change) -> Key:
    part: Any = change.after or change.before
    kind = f"{change.kind} {getattr(part, 'kind', '')}"
    name = change.name or repr(part)  # constraints of SQLite may have no name
    return kind, change.schema, change.table, f"{change.action} {name}"
