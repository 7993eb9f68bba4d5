"""Which column of a diagram refers to which entity: the lines of a picture tell tables, not columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.spec.entities.checks import check_column
from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec, TableSpec
from bot.spec.names import quote_name


@dataclass(frozen=True, slots=True)
class Relation:
    """`child` holds the key to `parent`; `is_optional` when it may have none."""

    parent: str
    child: str
    line: int
    is_optional: bool
    is_one_to_one: bool


def add_relations(
    tables: Sequence[TableSpec], relations: Sequence[Relation], problems: Problems
) -> tuple[TableSpec, ...]:
    """The tables with their keys. A column that waits for one has the reference ""."""
    found = {table.name: table for table in tables}
    relations = [_turn(relation, found) for relation in relations]
    for table in tables:
        own = [relation for relation in relations if relation.child == table.name]
        found[table.name] = _relate(table, own, problems)
    return tuple(found.values())


def _turn(relation: Relation, tables: dict[str, TableSpec]) -> Relation:
    """One to one has no direction: the side with the column that fits holds the key."""
    if not relation.is_one_to_one or _find_columns(relation, tables.get(relation.child)):
        return relation
    turned = replace(relation, parent=relation.child, child=relation.parent)
    return turned if _find_columns(turned, tables.get(turned.child)) else relation


def _relate(table: TableSpec, relations: Sequence[Relation], problems: Problems) -> TableSpec:
    taken: dict[str, Relation] = {}
    left: list[Relation] = []
    for relation in relations:
        free = [column for column in _find_columns(relation, table) if column.name not in taken]
        if free:
            taken[free[0].name] = relation
        else:
            left.append(relation)
    waiting = [column for column in table.columns if column.references == "" and column.name not in taken]
    if len(left) == len(waiting) == 1:
        taken[waiting[0].name] = left.pop()
    _report_left(table, left, taken, problems)
    return replace(table, columns=tuple(_apply(column, taken.get(column.name), problems) for column in table.columns))


def _find_columns(relation: Relation, table: TableSpec | None) -> list[ColumnSpec]:
    """Columns marked as keys whose name tells the parent: `customer_id`, `customers_id`, `shipping_customer_id`."""
    parent = relation.parent.rpartition(".")[2]
    names = {parent, parent.removesuffix("s"), parent.removesuffix("es"), f"{parent.removesuffix('ies')}y"}
    waiting = [column for column in table.columns if column.references == ""] if table else []
    exact = [column for column in waiting if column.name.rpartition("_")[0] in names]
    return exact or [column for column in waiting if any(f"_{name}_" in f"_{column.name}_" for name in names)]


def _report_left(table: TableSpec, left: Sequence[Relation], taken: dict[str, Relation], problems: Problems) -> None:
    related = {relation.parent for relation in taken.values()}
    stated = {(column.references or "").partition("(")[0] for column in table.columns}
    for relation in left:
        if relation.parent not in related | stated:
            message = f"no column of {table.name} tells to which of {relation.parent} a row belongs"
            problems.report(relation.line, message, f"a column of {table.name} marked FK")
    for column in table.columns:
        if column.references == "" and column.name not in taken:
            message = f"nobody can tell what the key {column.name} refers to"
            problems.report(column.line, message, 'a relation, or the comment "references customers(id)"')


def _apply(column: ColumnSpec, relation: Relation | None, problems: Problems) -> ColumnSpec:
    if relation is None:
        return column if column.references != "" else replace(column, references=None)
    changed = replace(
        column,
        references=quote_name(relation.parent),
        nullable=relation.is_optional if column.nullable is None and not column.primary_key else column.nullable,
        unique=column.unique or (relation.is_one_to_one and not column.primary_key),
    )
    return check_column(changed, problems)
