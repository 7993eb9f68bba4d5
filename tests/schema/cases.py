"""Cases in SQL files: what stands before, what changes it, what is told of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent
_LINE = re.compile(r"^-- (needs|told): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """`told` are the lines that `describe` gives, in order."""

    name: str
    before: str
    change: str
    told: tuple[str, ...]


def read_cases(name: str) -> list[Case]:
    """The blocks of a file beside this one."""
    blocks = re.split(r"^-- name: (.+)\n", (_FOLDER / name).read_text(), flags=re.MULTILINE)[1:]
    return [_read_case(title, text) for title, text in zip(blocks[::2], blocks[1::2], strict=True)]


def _read_case(title: str, text: str) -> Case:
    before, change = text.split("-- change:\n")
    found = _LINE.findall(change)
    needs = [line for kind, line in found if kind == "needs"]
    told = tuple(line for kind, line in found if kind == "told")
    return Case(title, "\n".join([before, *needs]), _LINE.sub("", change), told)
