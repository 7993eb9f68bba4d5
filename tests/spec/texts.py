"""Texts that look like specs, right and wrong, for hypothesis."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from tests.spec.test_criteria import CASES
from tests.spec.test_data_model import (
    DBML,
    MERMAID,
    NOTATIONS,
    WRONG_DBML,
    WRONG_MERMAID,
    WRONG_TABLES,
    WRONG_YAML,
    YAML,
)
from tests.spec.test_sql import ALLOWED, REFUSED

SPECS = [path.read_text() for path in sorted((Path(__file__).parents[2] / "examples" / "specs").glob("*.md"))]


def _fence(language: str, text: str) -> str:
    return f"\n## Data model\n```{language}\n{text}\n```\n"


FRAGMENTS = [
    *SPECS,
    *(_fence(language, text) for language, text in NOTATIONS.items()),
    *(_fence("yaml", text) for text, _ in YAML.values()),
    *(_fence("yaml", text) for text, _, _ in WRONG_YAML),
    *(_fence("dbml", text) for text, _ in DBML.values()),
    *(_fence("dbml", text) for text, _, _ in WRONG_DBML),
    *(_fence("mermaid", text) for text, _ in MERMAID.values()),
    *(_fence("mermaid", text) for text, _, _ in WRONG_MERMAID),
    *(f"\n## Data model\n{text}\n" for text, _, _ in WRONG_TABLES),
    *(_fence("sql", text) for text in ALLOWED.strip().split("\n")),
    *(_fence("sql", text) for text, _ in REFUSED),
    *(f"\n## Acceptance criteria\n{text}\n" for text, _ in CASES.values()),
]
_MARKS = [
    "`",
    "```",
    "|",
    "\n",
    "\n\n",
    ":",
    ",",
    "'",
    '"',
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "#",
    "- ",
    "<!--",
    "TBD",
    "?",
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A fragment or two with some of it cut out, repeated, or replaced."""
    text = "".join(draw(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        inner = draw(st.one_of(st.sampled_from(_MARKS), st.text(max_size=5), st.just(text[start:end] * 2)))
        text = text[:start] + inner + text[end:]
    return text


ANY_TEXT = st.one_of(st.text(), broken(), st.lists(st.sampled_from([*_MARKS, "a", "x: "]), max_size=60).map("".join))
