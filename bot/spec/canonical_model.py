"""A data model as the plain values that its YAML notation is made of; `data_model/yaml.py` reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.spec.model import ColumnSpec, ConstraintSpec, DataModel, EnumSpec, TableSpec
from bot.spec.names import quote_name


def describe_model(model: DataModel) -> Mapping[str, Any]:
    """Statements, enums and tables; what is empty is left out."""
    return _filled(
        {
            "statements": [statement.sql for statement in model.statements],
            "enums": {quote_name(enum.name): _describe_enum(enum) for enum in model.enums},
            "tables": {quote_name(table.name): _describe_table(table) for table in model.tables},
        }
    )


def _describe_enum(enum: EnumSpec) -> Any:
    values = list(enum.values)
    return _filled({"values": values, "drop": True}) if enum.drop else values


def _describe_table(table: TableSpec) -> Mapping[str, Any]:
    return _filled(
        {
            "comment": table.comment,
            "was": quote_name(table.was) if table.was is not None else None,
            "drop": table.drop or None,
            "columns": {quote_name(column.name): _describe_column(column) for column in table.columns},
            "constraints": [_describe_constraint(item) for item in table.constraints if item.kind != "index"],
            "indexes": [_describe_index(item) for item in table.constraints if item.kind == "index"],
        }
    )


def _describe_column(column: ColumnSpec) -> Mapping[str, Any]:
    return _filled(
        {
            "type": column.type,
            "nullable": column.nullable,
            "default": column.default,
            "primary_key": column.primary_key or None,
            "identity": column.identity or None,
            "unique": column.unique or None,
            "index": column.index or None,
            "references": column.references,
            "on_delete": column.on_delete,
            "check": column.check,
            "generated": column.generated,
            "comment": column.comment,
            "was": quote_name(column.was) if column.was is not None else None,
            "drop": column.drop or None,
            "drop_default": column.drop_default or None,
            "new": column.is_new or None,
        }
    )


def _describe_constraint(item: ConstraintSpec) -> Mapping[str, Any]:
    name = quote_name(item.name) if item.name is not None else None
    if item.drop:
        return {"drop": name}
    key = {"exclusion": "exclude"}.get(item.kind, item.kind)
    value = item.expression if item.kind in ("check", "exclusion") else [quote_name(column) for column in item.columns]
    return _filled(
        {
            key: value,
            "name": name,
            "references": item.references,
            "on_delete": item.on_delete,
            "on_update": item.on_update,
        }
    )


def _describe_index(item: ConstraintSpec) -> Mapping[str, Any]:
    name = quote_name(item.name) if item.name is not None else None
    if item.drop:
        return {"drop": name}
    return _filled(
        {
            "columns": list(item.columns),
            "name": name,
            "unique": item.unique or None,
            "method": item.method,
            "where": item.expression,
        }
    )


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value not in ({}, [])}
