"""The strings of code, and which of them are SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_QUERY = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bupdate\b.+\bset\b|\bdelete\s+from\b|\bmerge\s+into\b",
    re.IGNORECASE | re.DOTALL,
)
_DEFINITION = re.compile(
    r"(?:create\s+(?:table|unique|index|type|sequence|schema|extension)|alter|comment|grant|revoke|drop|set)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?:\s|--[^\n]*\n)*")


def is_query(text: str) -> bool:
    """Whether it has the words of a query in the right order: “from”, “where” and “update” alone are English."""
    return _QUERY.search(text) is not None


def list_texts(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string that is no docstring, with its first line; of a formatted one the constant parts."""
    docstrings = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
            yield node.lineno, " ? ".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def list_queries(script: str) -> Iterator[tuple[int, str]]:
    """The statements of an SQL file, each with its first line; but not what defines tables, as in a dump."""
    line = 1
    for statement in script.split(";"):
        lead = _LEADING.match(statement)
        start = lead.end() if lead else 0
        if not _DEFINITION.match(statement, start):
            yield line + statement[:start].count("\n"), statement
        line += statement.count("\n")
