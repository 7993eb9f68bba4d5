"""A schema for each tenant: the migrations name none, and run in whichever env.py has chosen.

The proof runs in one of them. In what is written its name must not stand, so for the writer it is the default schema,
`public`. What that would make of SQL that finds another table then, the proof in the tenant's schema shows.
https://alembic.sqlalchemy.org/en/latest/cookbook.html#rudimental-schema-level-multi-tenancy-for-postgresql-databases
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa

DEFAULT = "public"
_SCHEMA_FIELDS = ("schema", "referred_schema")
Value = TypeVar("Value")


def enter_schema(connection: sa.Connection, name: str | None) -> None:
    """Have the connection find unqualified names in that schema first, as they are found in the migrations."""
    if name not in (None, DEFAULT):
        connection.execute(sa.select(sa.func.set_config("search_path", f'"{name}"', False)))
        connection.commit()


def leave_out_schema(value: Value, name: str | None) -> Value:
    """The schema (or any part of one) with all that is in the schema of that name in the default one instead."""
    if name is None or name == DEFAULT:
        return value
    text = re.compile(rf'(?<![\w"])(?:{re.escape(name)}|"{re.escape(name)}")\.')
    moved: Value = _move(value, name, text)
    return moved


def _move(value: Any, name: str, text: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return text.sub("", value)
    if isinstance(value, tuple):
        return tuple(_move(item, name, text) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    moved: dict[str, Any] = {}
    for item in fields(value):
        content = getattr(value, item.name)
        if item.name in _SCHEMA_FIELDS:
            moved[item.name] = DEFAULT if content == name else content
        elif item.name == "schemas":
            moved[item.name] = tuple(sorted({DEFAULT if part == name else part for part in content}))
        elif item.name == "owned_by" and content:
            moved[item.name] = (DEFAULT if content[0] == name else content[0], *content[1:])
        else:
            moved[item.name] = _move(content, name, text)
    return replace(value, **moved)
