"""SQL of SQLite as tokens, and expressions in one spelling: https://www.sqlite.org/lang_keywords.html."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|$)|/\*.*?(?:\*/|$))
      |(?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      |(?P<string>[xX]?'(?:[^']|'')*')
      |(?P<word>[^\W\d][\w$]*)
      |(?P<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d+)
      |(?P<sign>\|\||<<|>>|<=|>=|<>|!=|==|->>|->|.)""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[^\W\d][\w$]*")
_KEYWORDS = """
    ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
    CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
    CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE
    EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP
    GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY
    LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER
    OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME
    REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO
    TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
    TRUE FALSE"""
KEYWORDS = frozenset(_KEYWORDS.split())
# Words that may stand before a parenthesis without being the name of a function.
_NO_FUNCTION = KEYWORDS - {"CAST", "REPLACE", "GLOB", "LIKE", "MATCH", "REGEXP", "RAISE", "IF"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of SQL; `text` as it stands there."""

    kind: Literal["name", "string", "word", "number", "sign"]
    text: str

    @property
    def word(self) -> str:
        """In upper case where it may be a keyword, "" where it cannot (a quoted name, a string)."""
        return self.text.upper() if self.kind in ("word", "sign") else ""

    @property
    def name(self) -> str:
        """What it names, without quotes: https://www.sqlite.org/lang_keywords.html knows four kinds of them."""
        first = self.text[:1]
        if self.kind == "string":
            return self.text[1:-1].replace("''", "'")
        if self.kind != "name":
            return self.text
        return self.text[1:-1] if first == "[" else self.text[1:-1].replace(first * 2, first)

    def as_string(self) -> Token:
        """The string that a name stands for where there can be no name."""
        return Token("string", "'" + self.name.replace("'", "''") + "'")


def read_tokens(sql: str) -> list[Token]:
    """All tokens but white space and comments."""
    found = _TOKEN.finditer(sql)
    return [Token(match.lastgroup, match.group()) for match in found if match.lastgroup != "space"]  # type: ignore[arg-type]


def find_group(tokens: Sequence[Token], start: int = 0) -> tuple[list[Token], int]:
    """The tokens inside the first parentheses at or after `start`, and the position behind them."""
    depth, first = 0, None
    for position in range(start, len(tokens)):
        word = tokens[position].word
        if word == "(":
            first = position if depth == 0 else first
            depth += 1
        elif word == ")":
            depth -= 1
            if depth == 0 and first is not None:
                return list(tokens[first + 1 : position]), position + 1
    return [], len(tokens)


def split(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The items between the commas that stand in no parentheses."""
    depth = 0
    item: list[Token] = []
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token.word, 0)
        if token.word == "," and depth == 0:
            yield item
            item = []
        else:
            item.append(token)
    if item:
        yield item


def render(tokens: Iterable[Token]) -> str:
    """One spelling: keywords in capitals, names without quotes that they do not need, one space where one is due."""
    text, before, is_glued = "", Token("sign", "("), True
    for token in tokens:
        is_glued = is_glued or token.word in (")", ",", ".") or _is_call(before, token)
        text += ("" if is_glued else " ") + _spell(token)
        # Nothing stands between an opening parenthesis, a dot or a sign of one operand and what follows.
        is_glued = token.word in ("(", ".") or (token.word in ("-", "+", "~") and not _ends_operand(before))
        before = token
    return text


def normalize(sql: str) -> str:
    """The statement or expression in one spelling."""
    return render(read_tokens(sql))


def render_name(name: str) -> str:
    """The name, with quotes where it needs them."""
    if _PLAIN.fullmatch(name) and name.upper() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def _is_call(before: Token, token: Token) -> bool:
    return token.word == "(" and before.kind in ("word", "name") and before.word not in _NO_FUNCTION


def _ends_operand(token: Token) -> bool:
    if token.kind == "sign":
        return token.text == ")"
    return token.word not in _NO_FUNCTION


def _spell(token: Token) -> str:
    if token.word in KEYWORDS:
        return token.word
    if token.kind != "name":
        return {"==": "=", "!=": "<>"}.get(token.text, token.text)
    return render_name(token.name)
