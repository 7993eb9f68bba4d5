"""Values of a schema as nodes of Python source, in the names and the style of one module."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.implement.models.imports import Imports
from bot.implement.models.layout import Group, Item, Node, call, flat
from bot.implement.models.style import ModelStyle
from bot.migration.python_layout import quote_string
from bot.migration.sql_text import escape_parameters, simplify_expression

SQLALCHEMY = "sqlalchemy"
ORM = "sqlalchemy.orm"
POSTGRESQL = "sqlalchemy.dialects.postgresql"
# Their first arguments are written by position wherever people write them.
_POSITIONAL = {"String", "CHAR", "Numeric", "VARCHAR"}


class SourceWriter:
    """Writes for one module: asks its imports for every name it uses."""

    def __init__(self, imports: Imports, style: ModelStyle) -> None:
        self.imports, self.style = imports, style

    def literal(self, text: str) -> str:
        """A string in the repository's quotes."""
        return quote_string(text, self.style.quote)

    def sql_literal(self, expression: str) -> str:
        """A string for places that make `text()` of it themselves."""
        return self.literal(escape_parameters(simplify_expression(expression)))

    def sql(self, expression: str) -> Group:
        """`text(…)` of an expression as the catalog gives it."""
        return call(self.sa("text"), self.sql_literal(expression))

    def sa(self, name: str) -> str:
        """A name of `sqlalchemy`."""
        return self.imports.get(SQLALCHEMY, name)

    def orm(self, name: str) -> str:
        """A name of `sqlalchemy.orm`."""
        return self.imports.get(ORM, name)

    def postgresql(self, name: str) -> str:
        """A name of the Postgres dialect."""
        for alias, target in self.imports.bound.items():
            if target == ("sqlalchemy.dialects", "postgresql"):
                return f"{alias}.{name}"
        return self.imports.get(POSTGRESQL, name)

    def value(self, value: Any) -> Node:
        """A keyword argument that SQLAlchemy takes: constants, lists, dictionaries and SQL expressions."""
        if isinstance(value, str):
            return self.literal(value)
        if isinstance(value, (list, tuple)):
            return Group("[", tuple(Item(self.value(item)) for item in value), "]")
        if isinstance(value, Mapping):
            return self.mapping(value)
        if isinstance(value, (sa.ColumnClause, sa.TextClause)):
            return call(self.sa("text"), self.literal(value.name if isinstance(value, sa.ColumnClause) else value.text))
        return repr(value)

    def mapping(self, content: Mapping[str, Any]) -> Group:
        """A dictionary display."""
        items = (Item(self.value(value), f"{self.literal(key)}: ") for key, value in content.items())
        return Group("{", tuple(items), "}")

    def type_expression(self, expr: str) -> Node:
        """The source of a type as the migrations spell it (`sa.String(length=50)`), in this module's names."""
        return self._type(ast.parse(expr, mode="eval").body)

    def _type(self, node: ast.expr) -> Node:
        if isinstance(node, ast.Constant):
            return self.literal(node.value) if isinstance(node.value, str) else repr(node.value)
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            return self.sa(node.attr) if owner == "sa" else self.postgresql(node.attr)
        if isinstance(node, ast.Call):
            function = flat(self._type(node.func))
            items = [Item(self._type(argument)) for argument in node.args]
            items += [self._keyword(keyword, function.rpartition(".")[2]) for keyword in node.keywords]
            return function if not items else Group(f"{function}(", tuple(items))
        return ast.unparse(node)

    def _keyword(self, keyword: ast.keyword, function: str) -> Item:
        value = self._type(keyword.value)
        is_positional = function in _POSITIONAL and keyword.arg in {"length", "precision", "scale"}
        return Item(value) if is_positional else Item(value, f"{keyword.arg}=")
