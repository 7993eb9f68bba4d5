"""Tokens taken one by one: what must come next, what may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.spec.dbml_text.tokens import Token


class SyntaxProblem(Exception):
    """Something else stands there than what must."""

    def __init__(self, line: int, message: str, expected: str) -> None:
        super().__init__(message)
        self.line, self.expected = line, expected


@dataclass(frozen=True, slots=True)
class Setting:
    """One of `[pk, default: 'x', ref: > users.id]`: `name` in lower case, `values` behind the colon."""

    name: str
    values: tuple[Token, ...]
    line: int


class Stream:
    """The tokens with a place in them."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens, self.position = tokens, 0

    def peek(self, ahead: int = 0) -> Token:
        """The next token, which stays."""
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self.position += 1
        return token

    def accept(self, mark: str) -> bool:
        """Whether the mark comes next; it is taken then."""
        found = self.peek().kind == "mark" and self.peek().text == mark
        self.position += found
        return found

    def expect(self, mark: str) -> Token:
        """The mark. Raises `SyntaxProblem`."""
        token = self.take()
        if token.kind != "mark" or token.text != mark:
            raise SyntaxProblem(token.line, f"`{token.text[:40]}` stands where `{mark}` is expected", f"`{mark}`")
        return token

    def take_name(self, what: str) -> Token:
        """A word or a name in double quotes. Raises `SyntaxProblem`."""
        token = self.take()
        if token.kind not in ("word", "name"):
            raise SyntaxProblem(token.line, f"`{token.text[:40]}` stands where {what} is expected", what)
        return token

    def is_word(self, *words: str) -> bool:
        """Whether one of the words comes next, in whatever case."""
        return self.peek().kind == "word" and self.peek().text.lower() in words

    def skip_block(self) -> None:
        """To behind the brace that closes the one that comes next."""
        depth = 0
        while self.peek().kind != "end":
            token = self.take()
            depth += token.kind == "mark" and token.text == "{"
            depth -= token.kind == "mark" and token.text == "}"
            if not depth:
                return

    def take_settings(self) -> tuple[Setting, ...]:
        """`[…]` when it comes next. Raises `SyntaxProblem` when it does not end."""
        settings: list[Setting] = []
        while self.accept("[") or (settings and self.accept(",")):
            settings.append(self._take_setting())
            if self.accept("]"):
                break
        else:
            if settings:
                self.expect("]")
        return tuple(settings)

    def _take_setting(self) -> Setting:
        line, words = self.peek().line, []
        while self.peek().kind in ("word", "name"):
            words.append(self.take().text.lower())
        values: list[Token] = []
        if self.accept(":"):
            while self.peek().kind != "end" and not (self.peek().kind == "mark" and self.peek().text in ",]"):
                values.append(self.take())
        if not words:
            token = self.peek()
            raise SyntaxProblem(token.line, f"`{token.text[:40]}` is no setting", "such as `not null` or `default: 1`")
        return Setting(" ".join(words), tuple(values), line)
