"""One test to be: what it is about, and the lines of its body."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Literal

from bot.migration.python_layout import quote_string
from bot.schema.model import Table

Kind = Literal["unique", "required", "optional", "check", "reference", "values", "default", "type", "index", "gone"]


@dataclass(frozen=True, slots=True)
class Case:
    """`name` is the test's without `test_`; `sentence` says what holds. `tables` are those whose rows the body adds.

    `body` calls `add_<table>` and the functions of the file's head on `db`. `words` are further words that a criterion
    may name it by (an enum's values, a default).
    """

    kind: Kind
    table: Table
    columns: tuple[str, ...]
    name: str
    sentence: str
    body: tuple[str, ...]
    tables: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something new that no test exercises, and why."""

    subject: str
    reason: str


def adder(table: Table) -> str:
    """The function that adds a row of the table."""
    owner = "" if table.schema == "public" else f"{table.schema}_"
    return f"add_{owner}{identifier(table.name)}"


def identifier(name: str) -> str:
    """A name as part of a Python identifier."""
    return re.sub(r"[^0-9a-z]", "_", name.lower())


def qualified(table: Table) -> str:
    """The table as an argument of the functions in the head of the file: `"orders"`, `"shop.orders"`."""
    return quote_string(table.name if table.schema == "public" else f"{table.schema}.{table.name}")


def inspected(table: Table) -> str:
    """The table as arguments of SQLAlchemy's inspector."""
    return quote_string(table.name) + ("" if table.schema == "public" else f", schema={quote_string(table.schema)}")


def given(values: dict[str, str]) -> str:
    """Sources of values as keyword arguments, or as a dictionary where a name is no identifier."""
    if all(name.isidentifier() and not keyword.iskeyword(name) for name in values):
        return ", ".join(f"{name}={value}" for name, value in values.items())
    return "**{" + ", ".join(f"{quote_string(name)}: {value}" for name, value in values.items()) + "}"
