"""How people write that something is not decided yet. Words that a spec may be about (open, pending, todo) are none."""

from __future__ import annotations

import re

_DECIDED = r"(?:decided|determined|defined|clarified|discussed|confirmed|specified|agreed)"
_BEGINS = re.compile(
    rf"[^\w'\"]*(?:\?+|(?:t\.?b\.?[dca]\.?|(?-i:TODO|FIXME)|undecided|(?:to be|not(?: yet)?) {_DECIDED})(?!\w))",
    re.IGNORECASE,
)
_NO_TYPE = re.compile(r"\?|\bt\.?b\.?[dca]\b|^\s*(?:unknown|unclear|undecided|open|depends)\s*$", re.IGNORECASE)
_IN_SENTENCE = re.compile(
    r"\bt\.?b\.?d\b|\b(?-i:TBC|TBA|TODO|FIXME)\b|\?\?|\(\?\)|\bto be (?:decided|determined|defined|clarified)\b|\?\s*$",
    re.IGNORECASE,
)


def is_open(text: str) -> bool:
    """Whether a value is none yet: `TBD`, `???`, `to be decided`."""
    return _BEGINS.match(text) is not None


def is_open_type(text: str) -> bool:
    """Whether a type is none yet; no type has a question mark in it."""
    return is_open(text) or _NO_TYPE.search(text) is not None


def mentions_open(text: str) -> bool:
    """Whether a sentence leaves something open, or is a question itself."""
    return _IN_SENTENCE.search(text) is not None
