"""Looks through code for the uses of a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from bot.migration.code_files import PYTHON, SQL, TEMPLATES, CodeFile
from bot.migration.code_strings import list_queries

_FILLED_IN = re.compile(r"\{[{%]|\$\{")
Line = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Use:
    """A line of code. `is_sure` is False where the name could mean something else that is called the same."""

    path: str
    line: int
    text: str
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `word` must be in a file for it to be looked into.

    `look` finds lines in Python (with whether they are sure), `is_in_query` tells of a statement in an SQL file,
    `template` is looked for in what templates fill in.
    """

    word: str
    look: Callable[[ast.Module], Iterable[Line]]
    is_in_query: Callable[[str], bool]
    template: re.Pattern[str] | None = None

    def run(self, files: Collection[CodeFile]) -> tuple[Use, ...]:
        """The uses, sure ones first, then by path and line; a line is one use."""
        found: dict[tuple[str, int], Use] = {}
        for file in files:
            if self.word.lower() not in file.text.lower():
                continue
            for line, is_sure in self._look_into(file):
                known = found.get((file.path, line))
                if known is None or not known.is_sure:
                    found[file.path, line] = Use(file.path, line, file.get_line(line), is_sure)
        return tuple(sorted(found.values(), key=lambda use: (not use.is_sure, use.path, use.line)))

    def _look_into(self, file: CodeFile) -> Iterator[Line]:
        if file.suffix in PYTHON:
            module = file.parse()
            yield from self.look(module) if module else ()
        elif file.suffix in SQL:
            yield from ((line, True) for line, text in list_queries(file.text) if self.is_in_query(text))
        elif file.suffix in TEMPLATES and self.template is not None:
            for number, text in enumerate(file.text.splitlines(), 1):
                if self.template.search(text) and _FILLED_IN.search(text):
                    yield number, False
