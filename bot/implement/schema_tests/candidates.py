"""Values for columns: such that every check holds, or such that a given one does not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from typing import Any

from bot.implement.schema_tests.evaluate import NotUnderstood, evaluate, find_columns, read_expression
from bot.migration.rows.hints import read_hints
from bot.migration.rows.values import build_pool, resolve_type
from bot.schema.model import Check, Column, Schema, Table

MAX_COMBINATIONS = 4_000
MAX_CANDIDATES = 24


def list_candidates(schema: Schema, table: Table, column: Column) -> list[Any]:
    """Values of the column's type as Python's, plain ones first, then those that its checks point to."""
    hints = sum((read_hints(check.expression) for check in _checks_of(table, column.name)), read_hints(""))
    pool = build_pool(schema, column, hints, random.Random(0))  # noqa: S311 (reproducible, not secret)
    texts = [pool.ordinary(1), *pool.hinted, *(pool.ordinary(number) for number in (2, 3)), *pool.awkward[:4]]
    values = [read_value(schema, column, text) for text in dict.fromkeys(texts)]
    return [value for value in values if value is not None][:MAX_CANDIDATES]


def read_value(schema: Schema, column: Column, text: str) -> Any:
    """A text of the pool as a Python value; None when it is none of the type's."""
    type_ = resolve_type(schema, column.type)
    read = next((read for names, read in _READERS if type_.name in names), None)
    if read is None or type_.is_array:
        return text
    try:
        return read(text)
    except (InvalidOperation, ValueError):
        return None


def _read_integer(text: str) -> Decimal | None:
    number = Decimal(text)
    return number if number == number.to_integral_value() else None


_READERS: tuple[tuple[set[str], Callable[[str], Any]], ...] = (
    ({"smallint", "integer", "bigint"}, _read_integer),
    ({"numeric", "real", "double precision"}, Decimal),
    ({"boolean"}, lambda text: text == "true"),
    ({"date"}, date.fromisoformat),
    (
        {"timestamp with time zone", "timestamp without time zone"},
        lambda text: datetime.fromisoformat(text[:19]),
    ),
)


def solve(schema: Schema, table: Table, required: Sequence[Column]) -> dict[str, Any]:
    """A value for each required column so that every check holds; the others are null.

    A check that is not understood is taken to hold: the test that inserts the row will tell.
    """
    chosen: dict[str, Any] = {column.name: list_candidates(schema, table, column)[0] for column in required}
    empty = {column.name: unset(column) for column in table.columns if column.name not in chosen}
    for _ in range(3):
        broken = [check for check in table.checks if _holds(check, {**empty, **chosen}) is False]
        if not broken:
            break
        for check in broken:
            found = _search(schema, table, check, {**empty, **chosen}, set(chosen), wanted=True)
            chosen |= found or {}
    return chosen


def violate(schema: Schema, table: Table, check: Check, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Values that break this check and no other; None when none was found."""
    empty = {column.name: unset(column) for column in table.columns}
    columns = {column.name for column in table.columns if column.generated is None and column.identity is None}
    others = [other for other in table.checks if other is not check]
    found = _search(schema, table, check, {**empty, **base}, columns, wanted=False, others=others)
    return found


def unset(column: Column) -> Any:
    """What a column holds that is not given: its default where that is a constant, `...` where it is unknown."""
    if column.default is None and column.generated is None and column.identity is None:
        return None
    try:
        return evaluate(read_expression(column.default or ""), {})
    except NotUnderstood:
        return ...


def _holds(check: Check, row: Mapping[str, Any]) -> bool | None:
    try:
        known = {name: value for name, value in row.items() if value is not ...}
        result: bool | None = evaluate(read_expression(check.expression), known)
        return result is not False
    except NotUnderstood:
        return None


def _search(
    schema: Schema,
    table: Table,
    check: Check,
    row: Mapping[str, Any],
    free: set[str],
    *,
    wanted: bool,
    others: Sequence[Check] = (),
) -> dict[str, Any] | None:
    try:
        names = sorted(find_columns(read_expression(check.expression)) & free)
    except NotUnderstood:
        return None
    columns = [next(column for column in table.columns if column.name == name) for name in names]
    for values in _combine(schema, table, columns):
        given = dict(zip(names, values, strict=True))
        tried = {**row, **given}
        if _holds(check, tried) is wanted and all(_holds(other, tried) is not False for other in others):
            return given
    return None


def _combine(
    schema: Schema, table: Table, columns: Sequence[Column], *, is_nullable: bool = False
) -> Iterator[tuple[Any, ...]]:
    lists = [
        [*list_candidates(schema, table, column), *([None] if is_nullable and column.nullable else [])]
        for column in columns
    ]
    return islice(product(*lists), MAX_COMBINATIONS) if columns else iter(())


def _checks_of(table: Table, column: str) -> Iterator[Check]:
    for check in table.checks:
        try:
            if column in find_columns(read_expression(check.expression)):
                yield check
        except NotUnderstood:
            continue


def satisfy(schema: Schema, table: Table, expression: str, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Values with which the expression holds (the predicate of a partial index); None when none were found."""
    empty = {column.name: unset(column) for column in table.columns}
    columns = {column.name for column in table.columns if column.generated is None and column.identity is None}
    if _is_true(expression, {**empty, **base}):
        return {}
    for values in _solutions(schema, table, Check(None, expression), columns):
        if _is_true(expression, {**empty, **base, **values}):
            return values
    return None


def _is_true(expression: str, row: Mapping[str, Any]) -> bool:
    try:
        return evaluate(read_expression(expression), {k: v for k, v in row.items() if v is not ...}) is True
    except NotUnderstood:
        return False


def _solutions(schema: Schema, table: Table, check: Check, free: set[str]) -> Iterator[dict[str, Any]]:
    try:
        names = sorted(find_columns(read_expression(check.expression)) & free)
    except NotUnderstood:
        return
    columns = [next(column for column in table.columns if column.name == name) for name in names]
    for values in _combine(schema, table, columns, is_nullable=True):
        yield dict(zip(names, values, strict=True))


def avoid(schema: Schema, table: Table, expression: str, base: Mapping[str, Any]) -> dict[str, Any] | None:
    """Values with which the expression does not hold and every check still does; None when none were found."""
    empty = {column.name: unset(column) for column in table.columns}
    usable = [column for column in table.columns if column.generated is None and column.identity is None]
    # Columns with a default come last: a row that names them shows nothing of the default.
    without = {column.name for column in usable if column.default is None}
    for free in (without, {column.name for column in usable}):
        for values in _solutions(schema, table, Check(None, expression), free):
            row = {**empty, **base, **values}
            if not is_possible(expression, row) and all(_holds(check, row) is not False for check in table.checks):
                return values
    return None


def is_possible(expression: str, row: Mapping[str, Any]) -> bool:
    """Whether the expression may be true for the row: when it is not understood, it may."""
    try:
        known = {name: value for name, value in row.items() if value is not ...}
        return evaluate(read_expression(expression), known) is True
    except NotUnderstood:
        return True
