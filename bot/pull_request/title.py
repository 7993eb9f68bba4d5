"""The title of the pull request."""

from __future__ import annotations

from bot.pull_request.report import Report
from bot.words.text import clip, to_plain_line

MAX_CHARACTERS = 256  # GitHub refuses a longer title


def render_title(report: Report) -> str:
    """The issue's title and number."""
    return render_line(report, MAX_CHARACTERS)


def render_line(report: Report, max_characters: int) -> str:
    """The same in at most that many characters; the number always stays."""
    number = f" (#{report.issue})"
    return clip(to_plain_line(report.title) or "Untitled spec", max_characters - len(number)) + number
