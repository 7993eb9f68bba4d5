"""How long GitHub lets a text be. One that is too long is cut with a notice: a report that is cut beats none."""

from __future__ import annotations

MAXIMUM_BODY = 65_536  # characters of a comment, an issue's or a pull request's text (from the message of GitHub's 422)
MAXIMUM_SUMMARY = 65_535  # https://docs.github.com/en/rest/checks/runs#create-a-check-run
MAXIMUM_TITLE = 256
NOTICE = "*Cut here: GitHub takes no longer text.*"
FENCE = "```"


def cut(text: str, maximum: int) -> str:
    """The text, or as many of its lines as fit, with an open fence closed and a notice."""
    if len(text) <= maximum:
        return text
    end = f"\n{FENCE}\n\n{NOTICE}"
    kept = text[: maximum - len(end)]
    kept = kept[: kept.rfind("\n") + 1] or kept
    is_open = sum(line.lstrip().startswith(FENCE) for line in kept.splitlines()) % 2 == 1
    return kept.rstrip() + (end if is_open else f"\n\n{NOTICE}")
