"""The words of DBML with their lines. One regular expression, so that any text is read in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["word", "name", "text", "expression", "number", "mark", "end"]

# What does not end, ends with its line (or the text): nothing is ever looked at twice.
_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*(?:.*?\*/|.*))"
    r"|'''(?P<long>(?:[^'\\]|\\.|'(?!''))*)(?:''')?"
    r"|'(?P<text>(?:[^'\\\n]|\\.)*)'?"
    r"|\"(?P<name>[^\"\n]*)\"?"
    r"|`(?P<expression>[^`]*)`?"
    r"|(?P<number>-?\d+(?:\.\d+)?(?!\w))"
    r"|(?P<word>\w+|\#\w+)"
    r"|(?P<mark><>|\S)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` "name" is a word in double quotes, "text" one in single quotes, "expression" one in backticks."""

    kind: TokenKind
    text: str
    line: int

    @property
    def written(self) -> str:
        """With the double quotes of a name, which then keeps its case."""
        return f'"{self.text}"' if self.kind == "name" else self.text


def read_tokens(text: str, first_line: int) -> Iterator[Token]:
    """All tokens, and one of kind "end"."""
    line = last = first_line
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "long":
            yield Token("text", _unescape(match["long"]).strip(), line)
        elif kind == "text":
            yield Token("text", _unescape(match["text"]), line)
        elif kind in ("name", "expression", "number", "word", "mark"):
            yield Token(kind, match[kind], line)  # type: ignore[arg-type]
        last = line if kind != "space" else last
        line += match[0].count("\n")
    yield Token("end", "the end", last)


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
