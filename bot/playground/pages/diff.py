"""A patch as rows of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass

HUNK = re.compile(r"@@ -(?P<old>[0-9]+)(?:,[0-9]+)? \+(?P<new>[0-9]+)(?:,[0-9]+)? @@")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a diff. `kind` is hunk, added, removed, same or note; the numbers are those of both files."""

    kind: str
    old: int | None
    new: int | None
    text: str


def read_lines(patch: str) -> list[Line]:
    """The lines of a file's hunks."""
    lines: list[Line] = []
    old = new = 0
    for text in patch.split("\n"):
        found = HUNK.match(text)
        if found is not None:
            old, new = int(found["old"]), int(found["new"])
            lines.append(Line("hunk", None, None, text))
        elif text.startswith("+"):
            lines.append(Line("added", None, new, text[1:]))
            new += 1
        elif text.startswith("-"):
            lines.append(Line("removed", old, None, text[1:]))
            old += 1
        elif text.startswith("\\"):
            lines.append(Line("note", None, None, text[2:]))
        else:
            lines.append(Line("same", old, new, text[1:]))
            old, new = old + 1, new + 1
    return lines
