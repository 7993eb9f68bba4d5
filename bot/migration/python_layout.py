"""Calls of `op` and `sa` laid out as black and ruff format would, without running or needing either."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Literal

INDENT = 4
ALLOWED_NAMES = frozenset({"op", "batch_op", "sa", "postgresql", "sqlite", "SqlType"})
Quote = Literal['"', "'"]


class UnexpectedSource(Exception):
    """Rendered source holds something else than calls of Alembic and SQLAlchemy with constants."""


def lay_out(source: str, *, indent: int = 0, width: int = 88, quote: Quote = '"') -> list[str]:
    """The lines of one expression statement, indented by so many spaces, broken where longer than `width`.

    Raises `UnexpectedSource` for anything but calls on the allowed modules: what is rendered from a hostile spec can
    never be more than that.
    """
    try:
        module = ast.parse(source)
    except SyntaxError as error:
        raise UnexpectedSource(f"not Python: {error.msg}") from error
    if len(module.body) != 1 or not isinstance(module.body[0], ast.Expr):
        raise UnexpectedSource("more than one expression")
    return _Layout(width, quote).lay_out(module.body[0].value, indent, "", "")


def quote_string(text: str, quote: Quote = '"') -> str:
    """A string literal with the preferred quotes, unless the other ones save escapes (as black does)."""
    if quote == '"' and ('"' not in text or ("'" in text and text.count("'") >= text.count('"'))):
        return _quoted(text, '"')
    if quote == "'" and ("'" not in text or ('"' in text and text.count('"') >= text.count("'"))):
        return _quoted(text, "'")
    return _quoted(text, "'" if quote == '"' else '"')


def lay_out_text(call: str, text: str, *, indent: int, is_verbatim: bool) -> list[str]:
    """A call with one string in triple quotes; its lines are indented unless their white space counts."""
    body = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    inner = " " * (indent + INDENT)
    if is_verbatim:
        body = f'{body[:-1]}\\"' if body.endswith('"') else body
        lines = f'{inner}"""{body}"""'.split("\n")
    else:
        lines = [f'{inner}"""', *(f"{inner}{line}".rstrip() for line in body.split("\n")), f'{inner}"""']
    return [f"{' ' * indent}{call}(", *lines, f"{' ' * indent})"]


def _quoted(text: str, quote: Quote) -> str:
    body = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("\\/", "/")
    # JSON leaves DEL and the line separators as they are; Python source may hold them, but nobody could see them.
    body = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in body)
    return quote + body.replace(quote, "\\" + quote) + quote


class _Layout:
    def __init__(self, width: int, quote: Quote) -> None:
        self.width, self.quote = width, quote

    def lay_out(self, node: ast.expr, indent: int, prefix: str, suffix: str) -> list[str]:
        flat = " " * indent + prefix + self.flat(node) + suffix
        if len(flat) <= self.width:
            return [flat]
        opening, closing, items = self.split(node)
        if not items:
            return [flat]
        inner = indent + INDENT
        lines = [f"{' ' * indent}{prefix}{opening}"]
        together = " " * inner + ", ".join(name + self.flat(item) for name, item in items)
        if len(together) <= self.width and isinstance(node, ast.Call):
            lines.append(together)
        else:
            for name, item in items:
                lines += self.lay_out(item, inner, name, ",")
        return [*lines, f"{' ' * indent}{closing}{suffix}"]

    def split(self, node: ast.expr) -> tuple[str, str, Sequence[tuple[str, ast.expr]]]:
        """Opening, closing and the named items between them; no items when the node cannot be broken."""
        if isinstance(node, ast.Call):
            items: list[tuple[str, ast.expr]] = [("", item) for item in node.args]
            items += [(f"{keyword.arg}=", keyword.value) for keyword in node.keywords]
            return f"{self.flat(node.func)}(", ")", items
        if isinstance(node, ast.List):
            return "[", "]", [("", item) for item in node.elts]
        if isinstance(node, ast.Tuple):
            return "(", ")", [("", item) for item in node.elts]
        if isinstance(node, ast.Dict):
            return "{", "}", self._pairs(node)
        if isinstance(node, ast.Starred):
            opening, closing, starred = self.split(node.value)
            return f"*{opening}", closing, starred
        return "", "", []

    def flat(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return quote_string(node.value, self.quote) if isinstance(node.value, str) else repr(node.value)
        if isinstance(node, ast.Attribute):
            return f"{self.flat(node.value)}.{node.attr}"
        if isinstance(node, ast.Name) and node.id in ALLOWED_NAMES:
            return node.id
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            return f"-{self.flat(node.operand)}"
        if isinstance(node, (ast.Call, ast.List, ast.Tuple, ast.Dict, ast.Starred)):
            opening, closing, items = self.split(node)
            comma = "," if isinstance(node, ast.Tuple) and len(items) == 1 else ""
            return opening + ", ".join(name + self.flat(item) for name, item in items) + comma + closing
        raise UnexpectedSource(f"{type(node).__name__} is not expected in a revision: {ast.unparse(node)[:80]}")

    def _pairs(self, node: ast.Dict) -> list[tuple[str, ast.expr]]:
        keys = [key for key in node.keys if key is not None]
        if len(keys) != len(node.values):
            raise UnexpectedSource("a dictionary is unpacked")
        return [(f"{self.flat(key)}: ", value) for key, value in zip(keys, node.values, strict=True)]
