"""The slash-commands in a comment: `/name arguments` on a line of its own, also `/specwright name arguments`.

What a person did not write as a line of text is no command: quotes, code (fenced, indented, inline), HTML and its
comments. Markdown's own rules say what that is: https://spec.commonmark.org/0.31.2/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

PREFIX = "specwright"
MAX_COMMANDS = 10  # of one comment; a longer one is no conversation
MAX_ARGUMENT_CHARACTERS = 2_000
NEARNESS = 0.6  # difflib's ratio: a letter too many or two swapped are well above, other bots' commands below

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
_COMMAND = re.compile(
    rf"[ ]{{0,3}}/(?:(?P<prefix>{PREFIX})(?:[ \t]+|$))?(?P<name>[a-z][a-z0-9_-]*)?(?:[ \t]+(?P<rest>.*))?",
    re.IGNORECASE | re.ASCII,
)
# Code spans and HTML comments may go over several lines: what begins in them is no line of the text.
_INLINE = re.compile(r"(?<![`\\])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class WrittenCommand:
    """A command as it was written: `name` in small letters, `arguments` the rest of the line.

    `is_addressed` says that it is meant for this bot and no other (`/specwright name`). The name of a lone
    `/specwright` is `help`.
    """

    name: str
    arguments: str
    is_addressed: bool = False


def read_commands(body: str) -> tuple[WrittenCommand, ...]:
    """The commands of a comment in their order."""
    found = (read_line(line) for line in _list_lines(body))
    return tuple(command for command in found if command is not None)[:MAX_COMMANDS]


def read_line(line: str) -> WrittenCommand | None:
    """The command on a line of text; None for a path or any other text."""
    match = _COMMAND.fullmatch(line.rstrip())
    if match is None or not (match["prefix"] or match["name"]):
        return None
    arguments = (match["rest"] or "").strip()[:MAX_ARGUMENT_CHARACTERS]
    return WrittenCommand((match["name"] or "help").lower(), arguments, match["prefix"] is not None)


def find_nearest(name: str, known: Iterable[str]) -> Sequence[str]:
    """The names that look most like it, the nearest first; empty when none does."""
    return get_close_matches(name, sorted(known), n=3, cutoff=NEARNESS)


def _list_lines(body: str) -> Iterator[str]:
    """The lines of the paragraphs, as they stand in the source: one that begins with `>` or `-` is never a command."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tokens = _PARSER.parse("\n".join(lines))
    for opening, inline in pairwise(tokens):
        if inline.type == "inline" and inline.map is not None and _is_text(opening):
            yield from _list_plain("\n".join(lines[slice(*inline.map)]))


def _is_text(opening: Token) -> bool:
    """A paragraph, or what a line of dashes below it (a mail's signature) makes a heading."""
    return opening.type == "paragraph_open" or (opening.type == "heading_open" and opening.markup in ("-", "="))


def _list_plain(text: str) -> Iterator[str]:
    hidden = [match.span() for match in _INLINE.finditer(text)]
    start = 0
    for line in text.split("\n"):
        if not any(begin < start < end for begin, end in hidden):
            yield line
        start += len(line) + 1
