"""The filters of the templates. What they return is marked as safe; nothing else of text may be shown.

A name of this table is what a template writes after the bar: `{{ title | md }}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

from bot.words import prompt_filters
from bot.words.text import (
    clip,
    cut_head,
    escape_markdown,
    render_amount,
    render_bytes,
    render_code,
    render_duration,
    render_fence,
    render_prose,
    to_line,
    to_plain_line,
)

MAX_CELL_LINES = 12
_URL = re.compile(r"https?://[^\s<>\"\\]+", re.IGNORECASE)


def md(value: object) -> Markup:
    """The text on one line, as text only."""
    return Markup(escape_markdown(str(value)))  # noqa: S704 (escaped for Markdown; so are all of this file)


def prose(value: object) -> Markup:
    """A sentence of ours with names from outside, in which `` `these` `` are inline code."""
    return Markup(render_prose(str(value)))  # noqa: S704


def sentence(value: object) -> Markup:
    """As `prose`, with a full stop unless the text ends in a mark of its own."""
    text = str(value).rstrip()
    return prose(text if text.endswith((".", "?", "!", ":")) else f"{text}.")


def cell(value: object) -> Markup:
    """A sentence as of `prose`, or several lines of them, for the cell of a table."""
    lines = [line for line in str(value).splitlines() if line.strip()]
    rest = [f"… and {len(lines) - MAX_CELL_LINES:,} more lines"] if len(lines) > MAX_CELL_LINES else []
    return Markup("<br>".join([*map(render_prose, lines[:MAX_CELL_LINES]), *rest]))  # noqa: S704


def code(value: object) -> Markup:
    """The text as inline code, also good in a table."""
    return Markup(render_code(str(value)))  # noqa: S704


def codes(values: Iterable[object], limit: int = 12) -> Markup:
    """Some names as inline code, with commas, and how many more there are."""
    names = list(dict.fromkeys(map(str, values)))
    rest = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return Markup(", ".join(map(render_code, names[:limit])) + rest)  # noqa: S704


def plain(value: object) -> Markup:
    """The text on one line of a commit message."""
    return Markup(to_plain_line(str(value)))  # noqa: S704


def fence(value: object, language: str = "") -> Markup:
    """The text as a fenced block; it must begin a line."""
    return Markup(render_fence(str(value), language))  # noqa: S704


def link(url: str, text: str) -> Markup:
    """A link, or only its text when the address is none of the web."""
    address = to_line(url)
    shown = escape_markdown(text)
    return Markup(f"[{shown}](<{address}>)" if _URL.fullmatch(address) else shown)  # noqa: S704


def count(number: int, singular: str, plural: str | None = None) -> Markup:
    """A number and its noun: 1 row, 1,200 rows."""
    return Markup(f"{number:,} {singular if number == 1 else plural or singular + 's'}")  # noqa: S704


def duration(duration_seconds: float) -> Markup:
    """A duration, for people."""
    return Markup(render_duration(duration_seconds))  # noqa: S704


def amount(number: int) -> Markup:
    """An estimated number, for people."""
    return Markup(render_amount(number))  # noqa: S704


def size(size_bytes: int) -> Markup:
    """A number of bytes, for people."""
    return Markup(render_bytes(size_bytes))  # noqa: S704


def dollars(value_usd: float) -> Markup:
    """An amount of money; the dollar is kept from beginning a formula, as in all text."""
    return Markup(f"<span>$</span>{value_usd:,.2f}")  # noqa: S704


def as_is(value: str) -> Markup:
    """Markdown that another template of ours rendered. Never for text from outside."""
    return Markup(value)  # noqa: S704


FILTERS: Mapping[str, Callable[..., Any]] = {
    "md": md,
    "prose": prose,
    "sentence": sentence,
    "cell": cell,
    "code": code,
    "codes": codes,
    "plain": plain,
    "fence": fence,
    "link": link,
    "count": count,
    "duration": duration,
    "amount": amount,
    "size": size,
    "dollars": dollars,
    "as_is": as_is,
    # These choose what is shown; their result must pass one of the filters above.
    "clip": clip,
    "tail": cut_head,
    "length": len,
}


def data(text: object, source: str, rank: int) -> Markup:
    """A text from outside in a prompt, fenced: see `prompt_filters.data`."""
    return Markup(prompt_filters.data(str(text), source, rank))  # noqa: S704


def ours(value: object) -> Markup:
    """A number, a name or a sentence that the bot itself made, in a prompt. Never for text from outside."""
    return Markup(str(value))  # noqa: S704


PROMPT_FILTERS: Mapping[str, Callable[..., Any]] = {
    "data": data,
    "ours": ours,
    "numbered": prompt_filters.numbered,  # only chooses what is shown
    "length": len,
    "join": lambda values, separator: separator.join(map(str, values)),
}
