"""How much the pull request tells: GitHub takes only so many characters."""

from __future__ import annotations

from dataclasses import dataclass

from bot.words.loader import render


@dataclass(frozen=True, slots=True)
class Level:
    """How much is told: `items` of a list, `few` of one inside a line, `boxes` to tick, `characters` of a text."""

    items: int
    few: int
    boxes: int
    characters: int
    sql: bool = True
    diagram: bool = True


FULL = Level(items=100, few=20, boxes=200, characters=800)


def render_section(name: str, level: Level, **values: object) -> str:
    """The section's template with the values."""
    return render(f"pull_request/{name}.md", level=level, **values)
