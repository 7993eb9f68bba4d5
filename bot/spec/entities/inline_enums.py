"""`enum('a', 'b')` as the type of a column: becomes a type of its own, named `<table>_<column>`."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec, DataModel, EnumSpec, TableSpec

_ENUM = re.compile(r"enum\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)


def is_inline_enum(type_: str | None) -> bool:
    """Whether a column's type lists its values."""
    return type_ is not None and _ENUM.fullmatch(type_) is not None


def read_inline_enums(model: DataModel, problems: Problems) -> DataModel:
    """The model with a type for each such column."""
    enums: list[EnumSpec] = []
    tables = tuple(_read_table(table, enums, problems) for table in model.tables)
    return replace(model, enums=(*model.enums, *enums), tables=tables)


def _read_table(table: TableSpec, enums: list[EnumSpec], problems: Problems) -> TableSpec:
    columns = tuple(_read_column(table.name, column, enums, problems) for column in table.columns)
    return replace(table, columns=columns)


def _read_column(table: str, column: ColumnSpec, enums: list[EnumSpec], problems: Problems) -> ColumnSpec:
    match = _ENUM.fullmatch(column.type or "")
    if match is None:
        return column
    values = tuple(value.strip().strip("'\"").strip() for value in match[1].split(","))
    if not all(values) or len(set(values)) < len(values):
        problems.report(column.line, f"the values of {column.name} are not a list of words", "enum('open', 'closed')")
    name = f"{table}_{column.name}"
    enums.append(EnumSpec(name, values, column.line))
    return replace(column, type=name)
