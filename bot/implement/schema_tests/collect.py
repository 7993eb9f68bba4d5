"""The tests that a list of changes calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.implement.schema_tests.base_rows import NoValidRow, plan_rows
from bot.implement.schema_tests.case import Case, Skipped
from bot.implement.schema_tests.column_cases import (
    changed_column_cases,
    find_enum,
    gone_case,
    new_column_cases,
    new_values_case,
)
from bot.implement.schema_tests.constraint_cases import check_case, index_case, reference_case, unique_case
from bot.schema.change import Change
from bot.schema.model import Check, Column, Enum, Exclusion, ForeignKey, Index, PrimaryKey, Schema, Table, Unique

Found = Case | Skipped


def collect_cases(changes: Iterable[Change], after: Schema) -> tuple[tuple[Case, ...], tuple[Skipped, ...]]:
    """The cases in the order of the changes, each name once, and what has none."""
    cases: dict[str, Case] = {}
    skipped: list[Skipped] = []
    for change in changes:
        if change.is_cosmetic:
            continue
        for found in _guarded(change, after):
            if isinstance(found, Skipped):
                skipped.append(found)
            else:
                obstacle = _find_obstacle(after, found)
                if obstacle is None:
                    cases.setdefault(found.name, found)
                else:
                    skipped.append(Skipped(found.name, obstacle))
    return tuple(cases.values()), tuple(dict.fromkeys(skipped))


def _guarded(change: Change, after: Schema) -> list[Found]:
    try:
        return list(_of_change(change, after))
    except NoValidRow as error:
        return [Skipped(change.name, str(error))]


def _find_obstacle(after: Schema, case: Case) -> str | None:
    """Why the rows of the case cannot be written down; None when they can."""
    try:
        rows = plan_rows(after, case.tables)
    except NoValidRow as error:
        return str(error)
    own = rows.get((case.table.schema, case.table.name))
    if case.kind == "default" and own is not None and set(case.columns) & own.values.keys():
        return "its rows are told apart by that very column"
    single = [row.table.name for row in rows.values() if not row.is_repeatable]
    if single and case.kind in {"unique", "reference", "values"}:
        return f"only one valid row of `{single[0]}` can be written down"
    return None


def _of_change(change: Change, after: Schema) -> Iterator[Found]:
    if change.kind == "table" and isinstance(change.after, Table) and change.before is None:
        yield from _of_new_table(after, change.after)
        return
    if isinstance(change.before, Enum) and isinstance(change.after, Enum):
        yield from _of_enum(after, change.before, change.after)
        return
    table = after.find_table(change.table or "", change.schema)
    if table is None:
        return
    if isinstance(change.before, Column) or isinstance(change.after, Column):
        yield from _of_column(after, table, change)
    elif change.after is not None:
        yield from _of_part(after, table, change.after)


def _of_new_table(after: Schema, table: Table) -> Iterator[Found]:
    for column in table.columns:
        yield from new_column_cases(after, table, column)
    key = table.primary_key
    if key is not None and len(key.columns) > 1:
        yield unique_case(after, table, key)
    for part in (*table.uniques, *table.checks, *table.foreign_keys, *table.exclusions, *table.indexes):
        yield from _of_part(after, table, part)


def _of_column(after: Schema, table: Table, change: Change) -> Iterator[Found]:
    if isinstance(change.after, Column):
        if isinstance(change.before, Column):
            yield from changed_column_cases(after, table, change.before, change.after)
        else:
            yield from new_column_cases(after, table, change.after)
    else:
        yield gone_case(table, change.name)


def _of_part(after: Schema, table: Table, part: object) -> Iterator[Found]:
    if isinstance(part, (Unique, PrimaryKey)):
        yield unique_case(after, table, part)
    elif isinstance(part, Index):
        yield unique_case(after, table, part) if part.unique else index_case(table, part)
    elif isinstance(part, Check):
        yield check_case(after, table, part)
    elif isinstance(part, ForeignKey):
        yield reference_case(after, table, part)
    elif isinstance(part, Exclusion):
        yield Skipped(f"`{table.name}`: {part.name}", "rows that exclude each other are not made here")


def _of_enum(after: Schema, before: Enum, enum: Enum) -> Iterator[Found]:
    new = tuple(value for value in enum.values if value not in before.values)
    for table in after.tables:
        for column in table.columns:
            if new and find_enum(after, column) == enum:
                yield new_values_case(table, column, new)
