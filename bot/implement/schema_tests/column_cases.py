"""Tests of single columns: required or not, defaults, values of an enum, changed types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from bot.implement.schema_tests.base_rows import render_plain
from bot.implement.schema_tests.case import Case, adder, given, identifier, inspected
from bot.implement.schema_tests.evaluate import NotUnderstood, evaluate, read_expression
from bot.migration.python_layout import quote_string
from bot.migration.types import split_name
from bot.schema.model import Column, Enum, Schema, Table

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1}
_ORDER = ["smallint", "integer", "bigint"]


def new_column_cases(schema: Schema, table: Table, column: Column) -> Iterator[Case]:
    """What holds for a column that was not there before."""
    is_key = table.primary_key is not None and column.name in table.primary_key.columns
    if not column.nullable and not is_key and column.generated is None:
        yield required_case(table, column)
    if column.default is not None and not column.default.startswith("nextval("):
        yield default_case(schema, table, column)
    enum = find_enum(schema, column)
    if enum is not None:
        yield values_case(table, column, enum)


def changed_column_cases(schema: Schema, table: Table, before: Column, after: Column) -> Iterator[Case]:
    """What holds for a column since it was changed."""
    if before.nullable and not after.nullable:
        yield required_case(table, after)
    if after.nullable and not before.nullable:
        yield optional_case(table, after)
    if after.default != before.default and after.default is not None:
        yield default_case(schema, table, after)
    if after.type != before.type:
        enum = find_enum(schema, after)
        yield values_case(table, after, enum) if enum is not None else type_case(table, before, after)


def find_enum(schema: Schema, column: Column) -> Enum | None:
    """The enum that is the column's type."""
    name = split_name(column.type)
    return next((enum for enum in schema.enums if (enum.schema, enum.name) == name), None)


def required_case(table: Table, column: Column) -> Case:
    """Null is refused."""
    return Case(
        "required",
        table,
        (column.name,),
        f"{identifier(table.name)}_{identifier(column.name)}_is_required",
        f"a row of `{table.name}` always has its `{column.name}`",
        (f"with refused(db, {quote_string(chr(34) + column.name + chr(34))}):", f"    {_add(table, column, 'None')}"),
        ((table.schema, table.name),),
    )


def optional_case(table: Table, column: Column) -> Case:
    """Null is taken."""
    return Case(
        "optional",
        table,
        (column.name,),
        f"{identifier(table.name)}_{identifier(column.name)}_may_be_missing",
        f"a row of `{table.name}` may have no `{column.name}`",
        (f"assert {_add(table, column, 'None')}[{quote_string(column.name)}] is None",),
        ((table.schema, table.name),),
    )


def default_case(schema: Schema, table: Table, column: Column) -> Case:
    """A row that does not give the column gets the default."""
    row = f"{adder(table)}(db)[{quote_string(column.name)}]"
    expected = _expected(schema, column)
    is_truth = expected in {"True", "False"}
    test = f"assert {row} {'is' if is_truth else '=='} {expected}" if expected else f"assert {row} is not None"
    word = expected.strip("\"'") if expected else column.default or ""
    return Case(
        "default",
        table,
        (column.name,),
        f"{identifier(table.name)}_{identifier(column.name)}_has_its_default",
        f"the `{column.name}` of a new row of `{table.name}` is {word}",
        (test,),
        ((table.schema, table.name),),
        (word,),
    )


def _expected(schema: Schema, column: Column) -> str | None:
    """The source of the default as the driver gives it back; None when only the server can tell."""
    if re.match(r"(json|bytea|interval|time|bit|.*\[\])", column.type) and not column.type.startswith("timestamp"):
        return None
    try:
        value = evaluate(read_expression(column.default or ""), {})
    except NotUnderstood:
        return None
    if isinstance(value, Decimal):
        return render_plain(value) if value == value.to_integral_value() else f'Decimal("{value}")'
    if value is None or isinstance(value, (date, datetime)) or column.type in {"uuid", "inet"}:
        return None
    return render_plain(value)


def values_case(table: Table, column: Column, enum: Enum) -> Case:
    """Every value of the enum is taken, any other is refused."""
    values = ", ".join(quote_string(value) for value in enum.values) + ("," if len(enum.values) == 1 else "")
    return Case(
        "values",
        table,
        (column.name,),
        f"{identifier(table.name)}_{identifier(column.name)}_takes_its_values_only",
        f"`{column.name}` of `{table.name}` is one of {', '.join(enum.values)}",
        (
            f"for value in ({values}):",
            f"    assert {_add(table, column, 'value')}[{quote_string(column.name)}] == value",
            f"with refused(db, {quote_string(enum.name)}):",
            f"    {_add(table, column, quote_string('none of ' + enum.name))}",
        ),
        ((table.schema, table.name),),
        enum.values,
    )


def new_values_case(table: Table, column: Column, values: tuple[str, ...]) -> Case:
    """The new values of an enum that exists are taken."""
    name = quote_string(column.name)
    rows = [(_add(table, column, quote_string(value)), quote_string(value)) for value in values]
    lines = [f"assert {row}[{name}] == {value}" for row, value in rows]
    return Case(
        "values",
        table,
        (column.name,),
        f"{identifier(table.name)}_{identifier(column.name)}_can_be_{'_'.join(map(identifier, values))}",
        f"`{column.name}` of `{table.name}` can be {', '.join(values)}",
        tuple(lines),
        ((table.schema, table.name),),
        values,
    )


def type_case(table: Table, before: Column, after: Column) -> Case:
    """What did not fit before is taken; else the catalog names the new type."""
    value = _wider_value(before.type, after.type)
    owner = quote_string(f"{table.schema}.{table.name}")
    name = quote_string(after.name)
    body = (
        (f"value = {value}", f"assert {_add(table, after, 'value')}[{name}] == value")
        if value is not None
        else (f"assert type_of(db, {owner}, {name}) == {quote_string(after.type)}",)
    )
    return Case(
        "type",
        table,
        (after.name,),
        f"{identifier(table.name)}_{identifier(after.name)}_has_its_new_type",
        f"`{after.name}` of `{table.name}` is now {after.type} (it was {before.type})",
        body,
        ((table.schema, table.name),) if value is not None else (),
        (after.type,),
    )


def _wider_value(before: str, after: str) -> str | None:
    old = re.fullmatch(r"character varying\((\d+)\)", before)
    new = re.fullmatch(r"character varying\((\d+)\)", after)
    if old and (after == "text" or (new and int(new[1]) > int(old[1]))):
        return f'"x" * {int(old[1]) + 1}'
    if before in _LARGEST and after in _ORDER and _ORDER.index(after) > _ORDER.index(before):
        return str(_LARGEST[before] + 1)
    return None


def gone_case(table: Table, column: str) -> Case:
    """A dropped column is not there."""
    columns = f'{{item["name"] for item in catalog(db).get_columns({inspected(table)})}}'
    return Case(
        "gone",
        table,
        (column,),
        f"{identifier(table.name)}_has_no_{identifier(column)}",
        f"`{table.name}` no longer has `{column}`",
        (f"assert {quote_string(column)} not in {columns}",),
    )


def _add(table: Table, column: Column, value: str) -> str:
    return f"{adder(table)}(db, {given({column.name: value})})"
