"""An amount of money has a type that rounds, or `money` itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import NewColumn, list_new_columns
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string

CODE = "inexact-amount"
SEVERITY: Severity = "warning"
_FLOATS = frozenset({"real", "double precision"})
_ANYWHERE = re.compile(
    r"amount|balance|budget|costs?|credit|debit|deposit|discount|fees?|fine|income|money|payment|payout|prices?"
    r"|refund|revenue|salary|subtotal|surcharge|tax|taxes|turnover|vat|wage"
)
_AT_THE_END = frozenset({"total", "sum", "due", "paid"})
_RATHER = re.compile(r"percent|percentage|ratio|rate|factor|count|weight|distance|duration|score|level|seconds")


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new column of type `money`, and for each float whose name says that it is an amount."""
    for new in list_new_columns(context):
        is_money = new.column.type == "money"
        if not is_money and not (new.column.type in _FLOATS and names_amount(new.column.name)):
            continue
        place = find_place(context, new.table.name, new.column.name)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"{new.name} keeps an amount as {new.column.type}",
            consequence=_explain(is_money),
            remedy="Use numeric with the digits that the currency has, or whole cents as bigint.",
            example=_render_example(new),
        )


def names_amount(column: str) -> bool:
    """Whether a column's name says that it holds an amount of money."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower())
    if not words or any(_RATHER.fullmatch(word) for word in words):
        return False
    return words[-1] in _AT_THE_END or any(_ANYWHERE.fullmatch(word) for word in words)


def _explain(is_money: bool) -> str:
    if is_money:
        return (
            "The type money has the digits of the server's lc_monetary: a dump restored on a server with another "
            "setting changes what the numbers mean. It also has no currency and casts badly to numeric."
        )
    return (
        "0.1 + 0.2 is 0.30000000000000004 in a float. Sums drift by cents, comparisons with = fail, and totals no "
        "longer match their items."
    )


def _render_example(new: NewColumn) -> str:
    return (
        f"sa.Column({quote_string(new.column.name)}, sa.Numeric(precision=12, scale=2), "
        f"nullable={new.column.nullable})\n"
    )
