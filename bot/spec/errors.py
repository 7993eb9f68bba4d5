"""What is wrong with a spec: collected, so that a person learns all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.spec.model import Problem

MAX_PROBLEMS = 50
MAX_TEXT = 300  # characters of a message or a quote


class SpecError(Exception):
    """The text cannot be read or contradicts itself; every problem has its line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"line {problem.line}: {problem.message}" for problem in problems))


class Problems:
    """Collects problems and quotes the line that each is about."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._found: list[Problem] = []

    def report(self, line: int | None, message: str, expected: str, kind: Literal["error", "gap"] = "error") -> None:
        """Note a problem of that line (1-based); the same one is noted once, and no more than `MAX_PROBLEMS`."""
        problem = Problem(kind, _shorten(message), _shorten(expected), line, self._quote(line))
        if not self.is_full and problem not in self._found:
            self._found.append(problem)

    @property
    def is_full(self) -> bool:
        """Whether nothing more is noted, so that nobody need look for what was meant."""
        return len(self._found) >= MAX_PROBLEMS

    def list_all(self) -> tuple[Problem, ...]:
        """What was noted, in the order of the text."""
        return tuple(sorted(self._found, key=lambda problem: problem.line or 0))

    def _quote(self, line: int | None) -> str:
        return _shorten(self.lines[line - 1].strip()) if line is not None and 0 < line <= len(self.lines) else ""


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
