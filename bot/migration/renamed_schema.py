"""A schema with one thing renamed in it, wherever the name stands: keys, expressions, definitions.

Names in expressions are found as words. Where that finds too little or too much (a view shows a renamed column under
its old name), the part differs from the target and is rebuilt, which is right though more than needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.migration.sql_text import quote_qualified, replace_type, replace_word
from bot.schema.model import Column, Index, IndexKey, Schema, Table, Trigger, View

RenameKind = Literal["table", "column", "constraint", "index", "enum", "enum_value", "domain", "sequence", "view"]


@dataclass(frozen=True, slots=True)
class Rename:
    """One thing gets another name. `table` owns a column or constraint; for an enum value it is the enum's name."""

    kind: RenameKind
    schema: str
    before: str
    after: str
    table: str | None = None


def rename_in_schema(schema: Schema, rename: Rename) -> Schema:
    """The schema as it is once this name has changed, nothing else."""
    return _APPLY[rename.kind](schema, rename)


def _rename_table(schema: Schema, rename: Rename) -> Schema:
    old, new = rename.before, rename.after
    where = (rename.schema, old)

    def follow(table: Table) -> Table:
        keys = tuple(
            replace(key, referred_table=new) if (key.referred_schema, key.referred_table) == where else key
            for key in table.foreign_keys
        )
        partition = replace_word(table.partition, old, new) if table.partition else None
        table = replace(table, foreign_keys=keys, partition=partition)
        if (table.schema, table.name) != where:
            return table
        return replace(
            table,
            name=new,
            indexes=tuple(_rename_index_table(index, rename) for index in table.indexes),
            triggers=tuple(_rename_in_trigger(trigger, rename) for trigger in table.triggers),
        )

    sequences = tuple(
        replace(item, owned_by=(rename.schema, new, item.owned_by[2]))
        if item.owned_by and item.owned_by[:2] == where
        else item
        for item in schema.sequences
    )
    return replace(
        schema,
        tables=_sorted(follow(table) for table in schema.tables),
        views=tuple(_rename_in_view(view, rename) for view in schema.views),
        sequences=sequences,
    )


def _rename_index_table(index: Index, rename: Rename) -> Index:
    before = f" ON {_always_qualified(rename.schema, rename.before)} "
    after = f" ON {_always_qualified(rename.schema, rename.after)} "
    return replace(index, definition=index.definition.replace(before, after, 1))


def _rename_in_trigger(trigger: Trigger, rename: Rename) -> Trigger:
    return replace(trigger, definition=replace_word(trigger.definition, rename.before, rename.after))


def _rename_in_view(view: View, rename: Rename) -> View:
    return replace(view, definition=replace_word(view.definition, rename.before, rename.after))


def _rename_column(schema: Schema, rename: Rename) -> Schema:
    old, new, where = rename.before, rename.after, (rename.schema, rename.table)

    def follow(table: Table) -> Table:
        keys = tuple(
            replace(key, referred_columns=_swap(key.referred_columns, old, new))
            if (key.referred_schema, key.referred_table) == where
            else key
            for key in table.foreign_keys
        )
        table = replace(table, foreign_keys=keys)
        return _rename_in_table(table, old, new) if (table.schema, table.name) == where else table

    sequences = tuple(
        replace(item, owned_by=(*item.owned_by[:2], new))
        if item.owned_by == (rename.schema, rename.table, old)
        else item
        for item in schema.sequences
    )
    return replace(schema, tables=tuple(follow(table) for table in schema.tables), sequences=sequences)


def _rename_in_table(table: Table, old: str, new: str) -> Table:
    primary = table.primary_key
    return replace(
        table,
        columns=tuple(_rename_in_column(column, old, new) for column in table.columns),
        primary_key=replace(primary, columns=_swap(primary.columns, old, new)) if primary else None,
        uniques=tuple(
            replace(part, columns=_swap(part.columns, old, new), include=_swap(part.include, old, new))
            for part in table.uniques
        ),
        foreign_keys=tuple(replace(part, columns=_swap(part.columns, old, new)) for part in table.foreign_keys),
        checks=tuple(replace(part, expression=replace_word(part.expression, old, new)) for part in table.checks),
        exclusions=tuple(
            replace(part, definition=replace_word(part.definition, old, new)) for part in table.exclusions
        ),
        indexes=tuple(_rename_in_index(index, old, new) for index in table.indexes),
        triggers=tuple(replace(part, definition=replace_word(part.definition, old, new)) for part in table.triggers),
    )


def _rename_in_column(column: Column, old: str, new: str) -> Column:
    generated = replace_word(column.generated, old, new) if column.generated else None
    return replace(column, name=new if column.name == old else column.name, generated=generated)


def _rename_in_index(index: Index, old: str, new: str) -> Index:
    def follow(key: IndexKey) -> IndexKey:
        expression = replace_word(key.expression, old, new) if key.expression else None
        return replace(key, column=new if key.column == old else key.column, expression=expression)

    head, using, rest = index.definition.partition(" USING ")
    return replace(
        index,
        keys=tuple(follow(key) for key in index.keys),
        include=_swap(index.include, old, new),
        predicate=replace_word(index.predicate, old, new) if index.predicate else None,
        definition=head + using + replace_word(rest, old, new),
    )


def _rename_constraint(schema: Schema, rename: Rename) -> Schema:
    def follow(part: Any) -> Any:
        return replace(part, name=rename.after) if part and part.name == rename.before else part

    def change(table: Table) -> Table:
        if (table.schema, table.name) != (rename.schema, rename.table):
            return table
        return replace(
            table,
            primary_key=follow(table.primary_key),
            uniques=_by_name(follow(part) for part in table.uniques),
            foreign_keys=_by_name(follow(part) for part in table.foreign_keys),
            checks=_by_name(follow(part) for part in table.checks),
            exclusions=_by_name(follow(part) for part in table.exclusions),
        )

    return replace(schema, tables=tuple(change(table) for table in schema.tables))


def _rename_index(schema: Schema, rename: Rename) -> Schema:
    def follow(index: Index) -> Index:
        if index.name != rename.before:
            return index
        head, on, rest = index.definition.partition(" ON ")
        return replace(index, name=rename.after, definition=replace_word(head, rename.before, rename.after) + on + rest)

    def change(table: Table) -> Table:
        if table.schema != rename.schema:
            return table
        return replace(table, indexes=_by_name(follow(index) for index in table.indexes))

    return replace(schema, tables=tuple(change(table) for table in schema.tables))


def _rename_enum(schema: Schema, rename: Rename) -> Schema:
    old, new = rename.before, rename.after
    shown, becomes = quote_qualified(rename.schema, old), quote_qualified(rename.schema, new)

    def follow(types: Iterable[Any]) -> tuple[Any, ...]:
        return _sorted(replace(t, name=new) if (t.schema, t.name) == (rename.schema, old) else t for t in types)

    enums, domains = follow(schema.enums), follow(schema.domains)
    tables = tuple(
        _map_sql(
            replace(
                table,
                columns=tuple(
                    replace(column, type=becomes + column.type.removeprefix(shown))
                    if column.type in (shown, f"{shown}[]")
                    else column
                    for column in table.columns
                ),
            ),
            lambda sql: replace_word(sql, old, new),
        )
        for table in schema.tables
    )
    views = _map_views(schema, lambda sql: replace_type(sql, shown, becomes))
    return replace(schema, enums=enums, domains=domains, tables=tables, views=views)


def _rename_enum_value(schema: Schema, rename: Rename) -> Schema:
    enums = tuple(
        replace(enum, values=_swap(enum.values, rename.before, rename.after))
        if (enum.schema, enum.name) == (rename.schema, rename.table)
        else enum
        for enum in schema.enums
    )
    name = quote_qualified(rename.schema, rename.table or "")
    old, new = (f"'{value.replace(chr(39), chr(39) * 2)}'::{name}" for value in (rename.before, rename.after))
    tables = tuple(_map_sql(table, lambda sql: sql.replace(old, new)) for table in schema.tables)
    return replace(schema, enums=enums, tables=tables, views=_map_views(schema, lambda sql: sql.replace(old, new)))


def _map_views(schema: Schema, change: Callable[[str], str]) -> tuple[View, ...]:
    """Views follow a type by themselves, as tables do; bodies of functions are text and do not."""
    return tuple(replace(view, definition=change(view.definition)) for view in schema.views)


def _map_sql(table: Table, change: Callable[[str], str]) -> Table:
    """The table with every piece of SQL in it changed: defaults, checks, predicates, definitions."""

    def maybe(sql: str | None) -> str | None:
        return None if sql is None else change(sql)

    return replace(
        table,
        columns=tuple(
            replace(column, default=maybe(column.default), generated=maybe(column.generated))
            for column in table.columns
        ),
        checks=tuple(replace(part, expression=change(part.expression)) for part in table.checks),
        exclusions=tuple(replace(part, definition=change(part.definition)) for part in table.exclusions),
        indexes=tuple(
            replace(
                index,
                keys=tuple(replace(key, expression=maybe(key.expression)) for key in index.keys),
                predicate=maybe(index.predicate),
                definition=change(index.definition),
            )
            for index in table.indexes
        ),
        triggers=tuple(replace(part, definition=change(part.definition)) for part in table.triggers),
    )


def _rename_sequence(schema: Schema, rename: Rename) -> Schema:
    sequences = _sorted(
        replace(item, name=rename.after) if (item.schema, item.name) == (rename.schema, rename.before) else item
        for item in schema.sequences
    )
    old, new = (f"nextval({_quoted(rename.schema, name)}::regclass)" for name in (rename.before, rename.after))
    tables = tuple(_map_sql(table, lambda sql: sql.replace(old, new)) for table in schema.tables)
    return replace(schema, sequences=sequences, tables=tables)


def _quoted(schema: str, name: str) -> str:
    return "'" + quote_qualified(schema, name).replace("'", "''") + "'"


def _rename_view(schema: Schema, rename: Rename) -> Schema:
    views = _sorted(
        replace(view, name=rename.after)
        if (view.schema, view.name) == (rename.schema, rename.before)
        else _rename_in_view(view, rename)
        for view in schema.views
    )
    return replace(schema, views=views)


def _always_qualified(schema: str, name: str) -> str:
    shown = quote_qualified(schema, name)
    return f"public.{shown}" if schema == "public" else shown


def _swap(names: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if name == old else name for name in names)


def _sorted(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(items, key=lambda item: (item.schema, item.name)))


def _by_name(parts: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(parts, key=lambda part: part.name or ""))


_APPLY: dict[RenameKind, Callable[[Schema, Rename], Schema]] = {
    "table": _rename_table,
    "column": _rename_column,
    "constraint": _rename_constraint,
    "index": _rename_index,
    "enum": _rename_enum,
    "enum_value": _rename_enum_value,
    "domain": _rename_enum,
    "sequence": _rename_sequence,
    "view": _rename_view,
}
