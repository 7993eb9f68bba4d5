"""Constraints and indexes of a schema as source: at their column where that says it all, else as table arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.implement.models.convention import Named, choose_name, render_name
from bot.implement.models.layout import Group, Item, Node, call
from bot.implement.models.source import SourceWriter
from bot.implement.models.workbench import Workbench
from bot.migration.elements import build_index_keys, deferral, foreign_key_options, index_options, unique_options
from bot.schema.model import Exclusion, ForeignKey, Index, PrimaryKey, Table, Unique

Part = Named | Exclusion
_COMPARED_AS_TEXT = re.compile(r"\((\w+)\)::text (=|<>|~~|!~~|~|!~) ('(?:[^']|'')*')::text")


@dataclass(frozen=True, slots=True)
class InlineParts:
    """Constraints that stand at a column, by the column's name; `rest` are those that need a table argument."""

    foreign_keys: Mapping[str, ForeignKey]
    uniques: Mapping[str, Unique]
    indexes: Mapping[str, Index]
    rest: tuple[Part, ...]


def split_parts(workbench: Workbench, table: Table) -> InlineParts:
    """Which constraints of `table` can stand at a column with nothing lost, and which cannot."""
    parts: list[Part] = []
    keys: dict[str, ForeignKey] = {}
    uniques: dict[str, Unique] = {}
    indexes: dict[str, Index] = {}
    if table.primary_key is not None and _needs_argument(workbench, table, table.primary_key):
        parts.append(table.primary_key)
    for index in table.indexes:
        if _is_plain_index(workbench, table, index):
            indexes[index.keys[0].column or ""] = index
    for unique in table.uniques:
        if _is_plain_unique(workbench, table, unique) and unique.columns[0] not in indexes:
            uniques[unique.columns[0]] = unique
    for key in table.foreign_keys:
        if len(key.columns) == 1 and key.columns[0] not in keys and key.comment is None:
            keys[key.columns[0]] = key
    placed = {id(part) for found in (keys, uniques, indexes) for part in found.values()}
    every: tuple[Part, ...] = (*table.uniques, *table.foreign_keys, *table.checks, *table.exclusions, *table.indexes)
    parts += [part for part in every if id(part) not in placed]
    return InlineParts(keys, uniques, indexes, tuple(parts))


def _needs_argument(workbench: Workbench, table: Table, key: PrimaryKey) -> bool:
    ordered = tuple(column.name for column in table.columns if column.name in key.columns)
    named = choose_name(workbench.repository.convention, table, key).text is not None
    return named or ordered != key.columns or key.deferrable or key.comment is not None


def _is_plain_unique(workbench: Workbench, table: Table, unique: Unique) -> bool:
    is_plain = len(unique.columns) == 1 and not unique_options(unique) and unique.comment is None
    return is_plain and choose_name(workbench.repository.convention, table, unique).text is None


def _is_plain_index(workbench: Workbench, table: Table, index: Index) -> bool:
    keys = build_index_keys(index)
    is_plain = len(keys) == 1 and isinstance(keys[0], str) and not index_options(index)
    return is_plain and choose_name(workbench.repository.convention, table, index).text is None


def render_part(workbench: Workbench, write: SourceWriter, table: Table, part: Part) -> Group:
    """The constraint or index as it stands in `__table_args__` or in a `Table`."""
    if isinstance(part, Exclusion):
        return _exclusion(write, part)
    name = name_node(workbench, write, table, part)
    comment = write.literal(part.comment) if part.comment is not None else None
    if isinstance(part, Index):
        return _index(workbench, write, table, part)
    if isinstance(part, PrimaryKey):
        columns = [write.literal(column) for column in part.columns]
        options = {key: write.value(value) for key, value in deferral(part).items()}
        return call(write.sa("PrimaryKeyConstraint"), *columns, name=name, comment=comment, **options)
    if isinstance(part, Unique):
        columns = [write.literal(column) for column in part.columns]
        options = {key: write.value(value) for key, value in unique_options(part).items()}
        return call(write.sa("UniqueConstraint"), *columns, name=name, comment=comment, **options)
    if isinstance(part, ForeignKey):
        return _foreign_key(write, part, name, comment)
    expression = write.sql_literal(tidy_expression(table, part.expression))
    return call(write.sa("CheckConstraint"), expression, name=name, comment=comment)


def tidy_expression(table: Table, expression: str) -> str:
    """The expression without the casts that Postgres shows where it compares a varchar column with a constant.

    It compares them as text (https://www.postgresql.org/docs/18/datatype-character.html), so written without the casts
    the expression becomes the same again.
    """
    names = {column.name for column in table.columns if column.type.startswith("character varying")}

    def shorten(match: re.Match[str]) -> str:
        return f"{match[1]} {match[2]} {match[3]}" if match[1] in names else match[0]

    return _COMPARED_AS_TEXT.sub(shorten, expression)


def name_node(workbench: Workbench, write: SourceWriter, table: Table, part: Named) -> Node | None:
    """The `name` argument, None where the convention or the server gives that name anyway."""
    chosen = choose_name(workbench.repository.convention, table, part)
    if chosen.text is None:
        return None
    literal = write.literal(chosen.text)
    return call(write.imports.get("sqlalchemy.sql.naming", "conv"), literal) if chosen.is_final else literal


def _index(workbench: Workbench, write: SourceWriter, table: Table, part: Index) -> Group:
    # The first argument is the name: it is written even where None would come to the same.
    is_kept = render_name(workbench.repository.convention, table, part, part.name) == part.name
    name = write.literal(part.name) if is_kept else name_node(workbench, write, table, part) or "None"
    keys = [write.value(key) for key in build_index_keys(part)]
    options = {key: write.value(value) for key, value in index_options(part).items()}
    return call(write.sa("Index"), name, *keys, unique="True" if part.unique else None, **options)


def _foreign_key(write: SourceWriter, part: ForeignKey, name: Node | None, comment: Node | None) -> Group:
    owner = "" if part.referred_schema == "public" else f"{part.referred_schema}."
    targets = [f"{owner}{part.referred_table}.{column}" for column in part.referred_columns]
    options = {key: write.value(value) for key, value in foreign_key_options(part).items()}
    columns = write.value(list(part.columns))
    return call(write.sa("ForeignKeyConstraint"), columns, write.value(targets), name=name, comment=comment, **options)


def _exclusion(write: SourceWriter, part: Exclusion) -> Group:
    """`EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (…)` as `ExcludeConstraint`."""
    head, _, predicate = part.definition.removeprefix("EXCLUDE USING ").partition(" WHERE ")
    method, _, body = head.partition(" (")
    elements = [element.rpartition(" WITH ") for element in split_list(body.removesuffix(")"))]
    pairs: list[Node] = [
        Group("(", (Item(write.sql(text)), Item(write.literal(operator))), is_tuple=True)
        for text, _, operator in elements
    ]
    where = write.sql(predicate.strip()[1:-1]) if predicate else None
    return call(
        write.postgresql("ExcludeConstraint"),
        *pairs,
        name=write.literal(part.name),
        using=write.literal(method),
        where=where,
    )


def split_list(text: str) -> list[str]:
    """The parts between the commas that stand in no brackets and in no string."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        depth += 0 if quoted else (character in "([") - (character in ")]")
        if character == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
