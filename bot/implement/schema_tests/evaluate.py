"""A check's expression evaluated for given values, as Postgres would, for the forms that checks mostly have."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pglast import ast, enums

from bot.spec.sql.text import NotSql, parse_statement

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": operator.mod,
}
_NUMBERS = {"int2", "int4", "int8", "numeric", "float4", "float8"}


class NotUnderstood(Exception):
    """The expression has a part that is not evaluated here."""


def read_expression(expression: str) -> Any:
    """The expression's syntax tree. Raises `NotUnderstood` for what is no expression."""
    try:
        return parse_statement(f"SELECT ({expression})").targetList[0].val
    except NotSql as error:
        raise NotUnderstood(expression) from error


def evaluate(node: Any, row: Mapping[str, Any]) -> Any:
    """The value of the expression for a row; None is SQL's null (three-valued logic). Raises `NotUnderstood`."""
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise NotUnderstood(type(node).__name__)
    try:
        return handler(node, row)
    except (TypeError, InvalidOperation, ValueError, ArithmeticError) as error:
        raise NotUnderstood(str(error)) from error


def find_columns(node: Any) -> frozenset[str]:
    """The columns that the expression names."""
    found: set[str] = set()
    waiting: list[Any] = [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, ast.ColumnRef):
            found.add(_column_name(item))
        elif isinstance(item, ast.Node):
            waiting += [getattr(item, name) for name in item]
        elif isinstance(item, tuple):
            waiting += item
    return frozenset(found)


def _column_name(node: Any) -> str:
    last = node.fields[-1]
    if not isinstance(last, ast.String):
        raise NotUnderstood("*")
    return str(last.sval)


def _column(node: Any, row: Mapping[str, Any]) -> Any:
    name = _column_name(node)
    if name not in row:
        raise NotUnderstood(name)
    return row[name]


def _constant(node: Any, row: Mapping[str, Any]) -> Any:
    if node.isnull:
        return None
    value = node.val
    if isinstance(value, ast.Integer):
        return Decimal(value.ival or 0)
    if isinstance(value, ast.Float):
        return Decimal(str(value.fval))
    if isinstance(value, ast.Boolean):
        return bool(value.boolval)
    if isinstance(value, ast.String):
        return value.sval
    raise NotUnderstood(type(value).__name__)


def _cast(node: Any, row: Mapping[str, Any]) -> Any:
    value = evaluate(node.arg, row)
    name = node.typeName.names[-1].sval
    if value is None or isinstance(value, list):
        return value
    return convert(value, name)


def convert(value: Any, type_name: str) -> Any:
    """A value as one of that type, by its internal name (`int4`, `timestamptz`)."""
    if type_name in _NUMBERS:
        return Decimal(value)
    if type_name == "date":
        return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    if type_name in {"timestamp", "timestamptz"}:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)[:19])
    if type_name == "bool":
        return value if isinstance(value, bool) else str(value) in {"t", "true"}
    if type_name in {"interval", "time", "timetz", "json", "jsonb"}:
        raise NotUnderstood(type_name)
    return value


def _boolean(node: Any, row: Mapping[str, Any]) -> Any:
    values = [evaluate(argument, row) for argument in node.args]
    if node.boolop == enums.BoolExprType.NOT_EXPR:
        return None if values[0] is None else not values[0]
    decisive = node.boolop == enums.BoolExprType.OR_EXPR
    if any(value is decisive for value in values):
        return decisive
    return None if None in values else not decisive


def _null_test(node: Any, row: Mapping[str, Any]) -> Any:
    is_null = evaluate(node.arg, row) is None
    return is_null == (node.nulltesttype == enums.NullTestType.IS_NULL)


def _operation(node: Any, row: Mapping[str, Any]) -> Any:
    name = node.name[-1].sval
    if node.kind in {enums.A_Expr_Kind.AEXPR_BETWEEN, enums.A_Expr_Kind.AEXPR_NOT_BETWEEN}:
        low, high = node.rexpr
        inside = _all([_compare(">=", node.lexpr, low, row), _compare("<=", node.lexpr, high, row)])
        return inside if node.kind == enums.A_Expr_Kind.AEXPR_BETWEEN or inside is None else not inside
    left = evaluate(node.lexpr, row) if node.lexpr is not None else None
    if node.kind == enums.A_Expr_Kind.AEXPR_IN:
        found = _any_equal(left, [evaluate(item, row) for item in node.rexpr])
        return found if name == "=" or found is None else not found
    right = evaluate(node.rexpr, row)
    if node.kind == enums.A_Expr_Kind.AEXPR_OP_ANY and name == "=":
        return _any_equal(left, right)
    if node.kind == enums.A_Expr_Kind.AEXPR_OP_ALL and name == "<>":
        found = _any_equal(left, right)
        return None if found is None else not found
    if node.lexpr is None:
        return -right if name == "-" and right is not None else _refuse(name)
    return _apply(name, left, right)


def _apply(name: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if name in _COMPARISONS:
        return _COMPARISONS[name](left, right)
    if name in _ARITHMETIC:
        return _ARITHMETIC[name](left, right)
    if name in {"~", "~*", "!~", "!~*"}:
        flags = re.IGNORECASE if name.endswith("*") else 0
        return (re.search(right, left, flags) is not None) != name.startswith("!")
    if name in {"~~", "!~~"}:
        pattern = re.escape(right).replace("%", ".*").replace("_", ".")
        return (re.fullmatch(pattern, left, re.DOTALL) is not None) != name.startswith("!")
    return left + right if name == "||" else _refuse(name)


def _refuse(name: str) -> Any:
    raise NotUnderstood(name)


def _compare(name: str, left: Any, right: Any, row: Mapping[str, Any]) -> bool | None:
    result: bool | None = _apply(name, evaluate(left, row), evaluate(right, row))
    return result


def _all(values: list[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _any_equal(value: Any, items: list[Any]) -> bool | None:
    if value is None:
        return None
    if value in items:
        return True
    return None if None in items else False


def _array(node: Any, row: Mapping[str, Any]) -> list[Any]:
    return [evaluate(item, row) for item in node.elements or ()]


def _function(node: Any, row: Mapping[str, Any]) -> Any:
    name = node.funcname[-1].sval
    arguments = [evaluate(argument, row) for argument in node.args or ()]
    known = _FUNCTIONS.get(name)
    if known is None:
        raise NotUnderstood(name)
    return None if None in arguments else known(*arguments)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "length": lambda text: Decimal(len(text)),
    "char_length": lambda text: Decimal(len(text)),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "btrim": lambda text: text.strip(" "),
    "abs": abs,
}
_HANDLERS: Mapping[type, Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.ColumnRef: _column,
    ast.A_Const: _constant,
    ast.TypeCast: _cast,
    ast.BoolExpr: _boolean,
    ast.NullTest: _null_test,
    ast.A_Expr: _operation,
    ast.A_ArrayExpr: _array,
    ast.FuncCall: _function,
}
