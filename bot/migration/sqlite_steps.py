"""Steps for SQLite, which can add, rename and drop, and for everything else copies the table (Alembic's batch mode).

https://www.sqlite.org/lang_altertable.html#otheralter and https://alembic.sqlalchemy.org/en/latest/batch.html. The new
table is stated whole (`copy_from`), so that constraints without a name, which nothing could be said of, come out right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from alembic.operations import ops

from bot.migration.elements import build_check, build_column, build_foreign_key, build_primary_key, build_unique
from bot.migration.rebuilds import pair_tables
from bot.migration.renames import Rename, apply_renames, find_applicable
from bot.migration.sql_text import find_words, quote_name
from bot.migration.steps import BatchTable, RenameTable, Step, final_name, sql
from bot.migration.table_steps import sort_by_reference
from bot.schema.model import Column, ForeignKey, Index, PrimaryKey, Schema, Table, Trigger, Unique, View

_CONSTANT = re.compile(r"'(?:[^']|'')*'|[+-]?\d[\w.]*|NULL|TRUE|FALSE", re.IGNORECASE)
_STRICT_TYPES = frozenset({"INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"})  # https://www.sqlite.org/stricttables.html
_TABLE_OPTIONS: dict[str, tuple[str, bool]] = {
    "STRICT": ("sqlite_strict", True),
    "WITHOUT ROWID": ("sqlite_with_rowid", False),
}


def plan_sqlite_steps(
    before: Schema, after: Schema, renames: Sequence[Rename] = (), *, reverting: bool = False
) -> tuple[Step, ...]:
    """The steps that lead from `before` to `after`, of two snapshots of SQLite databases. See `plan_steps`."""
    known = find_applicable(before, [rename for rename in renames if rename.kind in ("table", "column")])
    old = apply_renames(before, known)
    return tuple(_list_steps(before, old, after, known, reverting=reverting))


def _list_steps(
    before: Schema, old: Schema, new: Schema, renames: Sequence[Rename], *, reverting: bool
) -> Iterator[Step]:
    pairs = [(was, now) for was, now in pair_tables(old, new) if was != now]
    gone = [table for table in old.tables if new.find_table(table.name) is None]
    born = [table for table in new.tables if old.find_table(table.name) is None]
    # A copy takes the name of a table away for a moment, at which SQLite refuses every view and trigger that has it.
    is_deep = bool(gone or renames) or any(_needs_copy(was, now) for was, now in pairs)
    standing = {replace(view, triggers=()) for view in new.views}
    views = [view for view in before.views if is_deep or replace(view, triggers=()) not in standing]
    wanted = _list_triggers(new)
    triggers = [trigger for trigger in _list_triggers(before) if is_deep or trigger not in wanted]
    yield from (sql(f"DROP TRIGGER {quote_name(trigger.name)}") for trigger in triggers)
    yield from (sql(f"DROP VIEW {quote_name(view.name)}") for view in reversed(_sort_views(views)))
    yield from map(_rename, renames)
    yield from (Step(ops.DropTableOp(table.name)) for table in reversed(sort_by_reference(gone)))
    # Indexes have their names in one namespace, whatever table they are of.
    yield from (_drop_index(now, index) for was, now in pairs for index in was.indexes if index not in now.indexes)
    for table in sort_by_reference(born):
        yield _create_table(table, new)
    for was, now in pairs:
        yield from _change_table(was, now, new, reverting=reverting)
    yield from _put_up_indexes(pairs, born)
    staying = {view.name for view in before.views} - {view.name for view in views}
    yield from (sql(view.definition) for view in _sort_views(view for view in new.views if view.name not in staying))
    kept = {trigger.name for trigger in _list_triggers(before)} - {trigger.name for trigger in triggers}
    yield from (sql(trigger.definition) for trigger in wanted if trigger.name not in kept)


def _list_triggers(schema: Schema) -> list[Trigger]:
    owners: list[Table | View] = [*schema.tables, *schema.views]
    return [trigger for owner in owners for trigger in owner.triggers]


def _put_up_indexes(pairs: Iterable[tuple[Table, Table]], born: Iterable[Table]) -> Iterator[Step]:
    """The new ones, and all of a table that was copied."""
    yield from (_create_index(table, index) for table in sort_by_reference(born) for index in table.indexes)
    for was, now in pairs:
        standing = () if _needs_copy(was, now) else was.indexes
        yield from (_create_index(now, index) for index in now.indexes if index not in standing)


def _sort_views(views: Iterable[View]) -> list[View]:
    """Those that others select from first."""
    rest, done = sorted(views, key=lambda view: view.name), list[View]()
    while rest:
        free = [
            view
            for view in rest
            if not any(other.name in find_words(view.definition) for other in rest if other is not view)
        ]
        for view in free or rest[:1]:
            done.append(view)
            rest.remove(view)
    return done


def _rename(rename: Rename) -> Step:
    if rename.kind == "table":
        return Step(RenameTable(rename.before, rename.after))
    table = rename.table or ""
    text = f"ALTER TABLE {quote_name(table)} RENAME COLUMN {quote_name(rename.before)} TO {quote_name(rename.after)}"
    return sql(text)


def _change_table(was: Table, now: Table, schema: Schema, *, reverting: bool) -> Iterator[Step]:
    if not _needs_copy(was, now):
        known = {column.name for column in was.columns}
        yield from (_add_column(now, column, schema) for column in now.columns if column.name not in known)
        return
    yield from _prepare_columns(was, now, schema, reverting=reverting)
    if _has_computed_keys(now):
        yield from _copy_by_hand(now, schema)
        return
    # Alembic would copy computed columns, too, which have no values of their own.
    stored = replace(now, columns=tuple(column for column in now.columns if column.generated is None))
    added = [_add_column_op(now, column, schema) for column in now.columns if column.generated is not None]
    yield Step(BatchTable(_create_table(stored, schema).operation, _table_options(now), added))


def _has_computed_keys(table: Table) -> bool:
    """Whether a constraint is on a computed column, which Alembic's copy of the table would have only later."""
    computed = {column.name for column in table.columns if column.generated is not None}
    rules: list[Unique | ForeignKey] = [*table.uniques, *table.foreign_keys]
    return any(computed & set(rule.columns) for rule in rules)


def _copy_by_hand(table: Table, schema: Schema) -> Iterator[Step]:
    """What batch mode does, step by step."""
    copy = replace(table, name=f"_copy_of_{table.name}")
    stored = ", ".join(quote_name(column.name) for column in table.columns if column.generated is None)
    source, target = quote_name(table.name), quote_name(copy.name)
    yield _create_table(copy, schema)
    yield sql(f"INSERT INTO {target} ({stored}) SELECT {stored} FROM {source}")  # noqa: S608 (names are quoted)
    yield Step(ops.DropTableOp(table.name))
    yield Step(RenameTable(copy.name, table.name))


def _needs_copy(was: Table, now: Table) -> bool:
    known = {column.name for column in was.columns}
    added = [column for column in now.columns if column.name not in known]
    kept = tuple(column for column in now.columns if column.name in known)
    rest = replace(was, indexes=now.indexes, triggers=now.triggers, columns=kept)
    return kept != was.columns or rest != replace(now, columns=kept) or not all(map(_can_be_added, added))


def _can_be_added(column: Column) -> bool:
    """What ALTER TABLE ADD COLUMN takes: https://www.sqlite.org/lang_altertable.html#altertabaddcol."""
    is_constant = column.default is None or _CONSTANT.fullmatch(column.default) is not None
    has_value = column.nullable or (column.default is not None and column.default.upper() != "NULL")
    return is_constant and has_value and column.generated is None


def _prepare_columns(was: Table, now: Table, schema: Schema, *, reverting: bool) -> Iterator[Step]:
    """New columns are there before the copy, with the values that they get: it can only copy what is there."""
    known = {column.name: column for column in was.columns}
    for column in now.columns:
        stood = known.get(column.name)
        value = _find_value(was, now, column, reverting=reverting)
        if column.generated is not None:
            continue
        if stood is None or stood.generated is not None:
            if stood is not None:
                yield Step(ops.DropColumnOp(now.name, column.name))
            type_ = column.type if "STRICT" not in was.options or column.type in _STRICT_TYPES else "ANY"
            yield _add_column(now, replace(column, type=type_, nullable=True, default=None), schema)
        if value is not None and (stood is None or (stood.nullable and not column.nullable)):
            name, table = quote_name(column.name), quote_name(now.name)
            note = "" if column.default is not None else f"The values of {column.name} are gone: a placeholder."
            yield sql(f"UPDATE {table} SET {name} = {value} WHERE {name} IS NULL", note)  # noqa: S608 (quoted)


def _find_value(was: Table, table: Table, column: Column, *, reverting: bool) -> str | None:
    if column.default is not None:
        return column.default if _CONSTANT.fullmatch(column.default) else f"({column.default})"
    if column.nullable or not reverting:
        return None
    keys = [unique.columns for unique in table.uniques] + ([table.primary_key.columns] if table.primary_key else [])
    if any(column.name in key for key in keys):
        return f"CAST({_number_rows(was)} AS BLOB)" if column.type == "BLOB" else _number_rows(was)
    for key in table.foreign_keys:
        if column.name in key.columns:
            referred = quote_name(key.referred_columns[key.columns.index(column.name)])
            return f"(SELECT min({referred}) FROM {quote_name(key.referred_table)})"  # noqa: S608 (names are quoted)
    if column.type == "BLOB":
        return "x''"
    # https://www.sqlite.org/datatype3.html#determination_of_column_affinity
    return "''" if re.search("CHAR|CLOB|TEXT", column.type) else "0"


def _number_rows(table: Table) -> str:
    """A number for each row of the table as it stands: without a rowid, how many keys are before its own."""
    if "WITHOUT ROWID" not in table.options or table.primary_key is None:
        return "rowid"
    name, keys = quote_name(table.name), [quote_name(column) for column in table.primary_key.columns]
    others, own = (", ".join(f"{place}.{key}" for key in keys) for place in ("other", name))
    return f"(SELECT count(*) FROM {name} AS other WHERE ({others}) < ({own}))"  # noqa: S608 (names are quoted)


def _create_table(table: Table, schema: Schema) -> Step:
    alone = table.primary_key.columns if table.primary_key and len(table.primary_key.columns) == 1 else ()
    parts: list[Any] = []
    for column in table.columns:
        is_serial = (column.name,) == alone and not column.default
        built = build_column(replace(column, identity=None), schema, table=table, is_serial=is_serial)
        parts.append(_resolve(built, table, "NOT NULL", (column.name,)))
    parts += [_resolve(build_primary_key(key), table, "PRIMARY KEY", key.columns) for key in _given(table.primary_key)]
    parts += [_resolve(build_unique(unique), table, "UNIQUE", unique.columns) for unique in table.uniques]
    parts += [build_check(check) for check in table.checks]
    parts += [build_foreign_key(replace(key, referred_schema="public")) for key in table.foreign_keys]
    return Step(ops.CreateTableOp(table.name, parts, **_table_options(table)))


def _resolve(part: Any, table: Table, kind: str, columns: Sequence[str]) -> Any:
    """The column or constraint with its own answer to a conflict: https://www.sqlite.org/lang_conflict.html."""
    start = f"{kind} ({', '.join(columns)}) ON CONFLICT "
    for option in table.options:
        if option.startswith(start):
            name = "sqlite_on_conflict_not_null" if kind == "NOT NULL" else "sqlite_on_conflict"
            part.dialect_kwargs[name] = option.removeprefix(start)
    return part


def _table_options(table: Table) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if any(column.identity is not None for column in table.columns):
        options["sqlite_autoincrement"] = True
    options.update(_TABLE_OPTIONS[option] for option in table.options if option in _TABLE_OPTIONS)
    return options


def _create_index(table: Table, index: Index) -> Step:
    columns = [key.column for key in index.keys if key.column]
    is_plain = len(columns) == len(index.keys) and not any(key.descending or key.collation for key in index.keys)
    if not is_plain or index.predicate is not None:
        return sql(index.definition)
    return Step(ops.CreateIndexOp(final_name(index.name), table.name, columns, unique=index.unique))


def _drop_index(table: Table, index: Index) -> Step:
    return Step(ops.DropIndexOp(final_name(index.name), table_name=table.name))


def _add_column(table: Table, column: Column, schema: Schema) -> Step:
    return Step(_add_column_op(table, column, schema))


def _add_column_op(table: Table, column: Column, schema: Schema) -> ops.AddColumnOp:
    built = build_column(replace(column, identity=None), schema)
    return ops.AddColumnOp(table.name, built if column.nullable else _resolve(built, table, "NOT NULL", (column.name,)))


def _given(key: PrimaryKey | None) -> list[PrimaryKey]:
    return [] if key is None else [key]
