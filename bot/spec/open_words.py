"""How people write that something is not decided yet."""

from __future__ import annotations

import re

_WORDS = re.compile(
    r"\bt\.?b\.?[dca]\b\.?|\bto-?do\b|\bfix-?me\b|\?\?+|"
    r"\b(?:to be|not(?: yet)?) (?:decided|determined|defined|confirmed|discussed|clarified|specified|done|agreed)\b|"
    r"\b(?:un|not yet )decided\b|\bup for discussion\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\W*(?:\?|unknown|unclear|open|later|pending|tba)\W*", re.IGNORECASE)


def is_open(text: str) -> bool:
    """Whether a value (`TBD`, `???`, `to be decided`, `?`) is none yet."""
    return _WORDS.search(text) is not None or text.strip() == "?" or _ALONE.fullmatch(text) is not None


def mentions_open(text: str) -> bool:
    """Whether a sentence leaves something open: words that may mean something else do not count."""
    return _WORDS.search(text) is not None or re.search(r"\s\?\s*$|\(\?\)", text) is not None
