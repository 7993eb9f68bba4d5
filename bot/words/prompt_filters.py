"""The filters of the prompts: text from outside becomes data behind a fence that it cannot close."""

from __future__ import annotations

import hashlib

from bot.words.text import clean

TAG_CHARACTERS = 12


def data(text: str, source: str, rank: int) -> str:
    """The text between two tags that it cannot contain, as they carry its own digest; the same text, the same tags.

    `source` says where it is from, `rank` how much it counts: prompts/parts/ranks.md says what each rank means.
    """
    body = clean(text).strip("\n")
    tag = f"data-{hashlib.sha256(body.encode()).hexdigest()[:TAG_CHARACTERS]}"
    return f'<{tag} source="{_quote(source)}" rank="{rank}">\n{body}\n</{tag}>'


def numbered(text: str) -> str:
    """The text with the numbers of its lines, from 1, so that an answer can cite them."""
    return "\n".join(f"{number:>4}  {line}" for number, line in enumerate(clean(text).splitlines(), start=1))


def _quote(source: str) -> str:
    return " ".join(clean(source).split()).replace('"', "'").replace("<", "(").replace(">", ")")
