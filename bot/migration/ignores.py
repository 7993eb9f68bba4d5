"""Findings that a comment takes back: `# specwright: ignore[rule] reason`, on the line or right above it."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.migration.revision_source import RevisionSource

_IGNORE = re.compile(r"#\s*specwright:\s*ignore\s*(?:\[(?P<rules>[^\]]*)\])?[:\s-]*(?P<reason>.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment. `lines` are those that it speaks for; without a `reason` it takes nothing back."""

    rules: tuple[str, ...]
    reason: str
    path: str
    line: int
    lines: tuple[int, ...]

    def covers(self, code: str, path: str, line: int) -> bool:
        """Whether it takes back the finding of that rule on that line."""
        return bool(self.reason) and code in self.rules and path == self.path and line in self.lines


def read_ignores(sources: Collection[RevisionSource]) -> tuple[Ignore, ...]:
    """Every such comment of the files, in their order."""
    return tuple(ignore for source in sources for ignore in _read(source))


def _read(source: RevisionSource) -> Iterator[Ignore]:
    comments = dict(_list_comments(source.text))
    lines = source.text.splitlines()
    for line, comment in comments.items():
        match = _IGNORE.match(comment)
        if match:
            rules = tuple(rule.strip() for rule in (match["rules"] or "").split(",") if rule.strip())
            yield Ignore(rules, match["reason"].strip(), source.path, line, _find_lines(lines, line))


def _find_lines(lines: list[str], line: int) -> tuple[int, ...]:
    """Its own line; for a comment that stands alone, the next line that is no comment too."""
    if not lines[line - 1].lstrip().startswith("#"):
        return (line,)
    following = line + 1
    while following <= len(lines) and lines[following - 1].lstrip().startswith("#"):
        following += 1
    return (line, following)


def _list_comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError, ValueError):
        return
