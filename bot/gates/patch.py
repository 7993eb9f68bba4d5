"""A patch of git's, read for what is added by it (https://git-scm.com/docs/diff-format)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb'\\([abfnrtv"\\]|[0-3][0-7]{2})')
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_EXECUTABLE = ("new mode 100755", "new file mode 100755")


@dataclass(frozen=True, slots=True)
class AddedLine:
    """A line that is new; `number` is its place in the new file, 1-based."""

    path: str
    number: int
    text: str


def read_added_lines(patch: str) -> Iterator[AddedLine]:
    """Every added line of the text files."""
    for path, number, line in _walk(patch):
        if number is not None and line.startswith("+"):
            yield AddedLine(path, number, line[1:])


def list_newly_executable(patch: str) -> tuple[str, ...]:
    """The files that are executable by this patch and were not before, or were not there."""
    found = (path for path, number, line in _walk(patch) if number is None and line in _EXECUTABLE)
    return tuple(dict.fromkeys(found))


def list_unreadable(patch: str) -> tuple[str, ...]:
    """The files whose content the patch gives in git's binary form, deleted ones too."""
    found = (path for path, number, line in _walk(patch) if number is None and line == "GIT binary patch")
    return tuple(dict.fromkeys(found))


def _walk(patch: str) -> Iterator[tuple[str, int | None, str]]:
    """Every line with its file and its number in the new file; a line of the patch's own has no number.

    The hunks say how many lines they have, so that a line of a file is never taken for one of the patch's own.
    """
    path, olds, news, number = "", 0, 0, 0
    for line in patch.split("\n"):
        if olds <= 0 and news <= 0:
            path = _find_path(line) or path
            hunk = _HUNK.match(line)
            if hunk:
                olds, number, news = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            yield path, None, line
            continue
        yield path, number, line
        mark = line[:1]
        olds -= mark not in ("+", "\\")  # "\ No newline at end of file" counts on neither side
        news -= mark not in ("-", "\\")
        number += mark not in ("-", "\\")


def _find_path(line: str) -> str | None:
    """The new path, of the lines that name it."""
    if line.startswith("diff --git "):
        names = line.removeprefix("diff --git ")  # twice the same name, unless it is a rename, which follows
        return _unquote(names[len(names) // 2 + 1 :]).removeprefix("b/")
    if line.startswith("+++ ") and line != "+++ /dev/null":
        return _unquote(line.removeprefix("+++ ").removesuffix("\t")).removeprefix("b/")
    return _unquote(line.removeprefix("rename to ")) if line.startswith("rename to ") else None


def _unquote(text: str) -> str:
    """A path whose odd characters git writes as C does (core.quotePath)."""
    if not text.startswith('"'):
        return text
    return _ESCAPE.sub(_unescape, text[1:-1].encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if code.isdigit() else _LETTERS.get(code, code)
