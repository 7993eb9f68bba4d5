"""Cases in SQL files: a difference made by hand, and what is told of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """`told` is the severity and the title of the one item."""

    name: str
    sql: str
    told: str


def read_cases(file: str) -> list[Case]:
    """The blocks of a file beside this one."""
    blocks = re.split(r"^-- name: (.+)\n", (_FOLDER / file).read_text(), flags=re.MULTILINE)[1:]
    return [_read(name, text) for name, text in zip(blocks[::2], blocks[1::2], strict=True)]


def _read(name: str, text: str) -> Case:
    told = re.search(r"^-- told: (.*)\n", text, flags=re.MULTILINE)
    return Case(name, re.sub(r"^-- told: .*\n", "", text, flags=re.MULTILINE).strip(), told[1] if told else "")
