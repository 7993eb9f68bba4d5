"""What a check says about the values that may satisfy it: its constants, its lengths, its patterns.

Nothing is proved here. The values are good guesses, the server judges them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_MATCH = re.compile(r"(?<![!~])~(?!~)(\*?)\s*\(?\s*'((?:[^']|'')*)'", re.IGNORECASE)
_LIKE = re.compile(r"(?:(?<!!)~~\*?|(?<!NOT )\bLIKE|\bSIMILAR TO)\s*\(?\s*'((?:[^']|'')*)'", re.IGNORECASE)
_IDENTIFIER = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_]\w*)')
MAX_LENGTH = 10_000
MAX_REPEATS = 200


@dataclass(frozen=True, slots=True)
class Hints:
    """Constants of the expressions that a column stands in."""

    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()

    def __add__(self, other: Hints) -> Hints:
        return Hints(
            self.texts + other.texts,
            self.numbers + other.numbers,
            self.patterns + other.patterns,
            self.likes + other.likes,
        )


def read_hints(expression: str) -> Hints:
    """Every constant of a check's expression, as the server renders it or as it was written."""
    patterns = tuple(_unquote(match[2]) for match in _MATCH.finditer(expression))
    likes = tuple(_unquote(match[1]) for match in _LIKE.finditer(expression))
    texts = tuple(_unquote(text) for text in _STRING.findall(expression))
    without_texts = _STRING.sub(" ", expression).replace("(", " ").replace(")", " ")
    numbers = tuple(re.sub(r"\s", "", number) for number in _NUMBER.findall(without_texts))
    plain = tuple(text for text in texts if text not in patterns and text not in likes)
    quoted_numbers = tuple(text for text in plain if re.fullmatch(r"-?\d+(\.\d+)?", text))
    return Hints(plain, numbers + quoted_numbers, patterns, likes)


def find_names(expression: str) -> frozenset[str]:
    """Every identifier of an expression, columns and functions alike, as the catalog spells it."""
    without_texts = _STRING.sub(" ", expression)
    return frozenset(quoted.replace('""', '"') or plain for quoted, plain in _IDENTIFIER.findall(without_texts))


def render_like(pattern: str, rng: random.Random) -> str:
    """A text that a LIKE pattern accepts."""
    return re.sub(r"\\(.)|(%)|(_)", lambda match: match[1] or (_letters(rng, 3) if match[2] else "a"), pattern)


def render_pattern(pattern: str, rng: random.Random) -> str | None:
    """A text that a regular expression accepts, or None when it uses what is not understood here.

    Postgres' own expressions are close enough to Python's (https://www.postgresql.org/docs/18/functions-matching.html,
    section 9.7.3); a wrong guess costs one refused row.
    """
    classes = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "lower": "a-z", "upper": "A-Z", "space": " "}
    translated = re.sub(r"\[:(\w+):\]", lambda match: classes.get(match[1], "a-z"), pattern)
    translated = (
        translated.removeprefix("(?i)")
        .replace(r"\m", r"\b")
        .replace(r"\M", r"\b")
        .replace(r"\A", "^")
        .replace(r"\Z", "$")
    )
    return _Pattern(translated, rng).render()


def _unquote(text: str) -> str:
    return text.replace("''", "'")


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(count))


class _Pattern:
    """Reads a regular expression from left to right and writes a text that fits it; None where it does not know how.

    Libraries that do this write texts of any length, which an expression of a stranger may ask for.
    """

    def __init__(self, source: str, rng: random.Random) -> None:
        self.source, self.rng, self.position = source, rng, 0

    def render(self) -> str | None:
        try:
            return self._alternatives()
        except (_NotUnderstood, IndexError, ValueError, RecursionError):
            return None

    def _peek(self) -> str:
        return self.source[self.position : self.position + 1]

    def _take(self) -> str:
        self.position += 1
        return self.source[self.position - 1]

    def _alternatives(self) -> str:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._take()
            branches.append(self._sequence())
        return self.rng.choice(branches)

    def _sequence(self) -> str:
        parts: list[str] = []
        while self._peek() not in ("", "|", ")"):
            start = self.position
            once = self._atom()
            end = self.position
            count = self._count()
            parts.append(once if count else "")
            for _ in range(count - 1):
                parts.append(self._again(start, end))
                if sum(map(len, parts)) > MAX_LENGTH:
                    raise _NotUnderstood
        return "".join(parts)

    def _again(self, start: int, end: int) -> str:
        return _Pattern(self.source[start:end], self.rng)._atom()

    def _atom(self) -> str:
        character = self._take()
        if character in "^$":
            return ""
        if character == ".":
            return self.rng.choice("abcxyz019")
        if character == "[":
            return self._one_of_class()
        if character == "(":
            return self._group()
        return self._escape() if character == "\\" else character

    def _group(self) -> str:
        if self._peek() == "?":
            self._take()
            if self._take() != ":":
                raise _NotUnderstood
        text = self._alternatives()
        if self._take() != ")":
            raise _NotUnderstood
        return text

    def _escape(self) -> str:
        character = self._take()
        known = {"d": "0123456789", "w": "abcdef0123", "s": " ", "S": "abc", "D": "abc", "W": "-"}
        if character in known:
            return self.rng.choice(known[character])
        if character == "b":
            return ""
        if character.isalnum():
            raise _NotUnderstood
        return character

    def _one_of_class(self) -> str:
        negated = self._peek() == "^"
        if negated:
            self._take()
        members = set(self._members())
        if negated:
            members = {chr(code) for code in range(33, 127)} - members
        return self.rng.choice(sorted(members))

    def _members(self) -> Iterator[str]:
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._take()
            if low == "\\":
                low = self._escape()
            if self._peek() == "-" and self.source[self.position + 1] != "]":
                self._take()
                yield from (chr(code) for code in range(ord(low), ord(self._take()) + 1))
            else:
                yield low
        self._take()

    def _count(self) -> int:
        mark = self._peek()
        low, high = 1, 1
        if mark and mark in "*+?":
            self._take()
            low, high = {"*": (0, 3), "+": (1, 4), "?": (0, 1)}[mark]
        elif mark == "{":
            self._take()
            end = self.source.index("}", self.position)
            first, comma, last = self.source[self.position : end].partition(",")
            self.position = end + 1
            low = int(first)
            if low > MAX_REPEATS:
                raise _NotUnderstood
            high = (int(last) if last else low + 3) if comma else low
        if self._peek() == "?" and mark in ("*", "+", "?", "{"):
            self._take()
        return self.rng.randint(low, min(high, low + 5))


class _NotUnderstood(Exception):
    pass
