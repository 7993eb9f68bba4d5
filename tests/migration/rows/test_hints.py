"""What checks say about values, in the spelling of the catalog."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.migration.rows.hints import Hints, find_names, read_hints, render_like, render_pattern


@pytest.mark.parametrize(
    ("expression", "hints"),
    [
        ("(amount >= (0)::numeric)", Hints(numbers=("0",))),
        ("((rate >= '-10.5'::numeric) AND (rate < (5)::numeric))", Hints(("-10.5",), ("5", "-10.5"))),
        ("(status = ANY (ARRAY['new'::text, 'it''s'::text]))", Hints(("new", "it's"))),
        ("(email ~* '^[^@]+@x$'::text)", Hints(patterns=("^[^@]+@x$",))),
        ("((code ~~ 'A%'::text) AND (code !~ 'zz'::text))", Hints(("zz",), likes=("A%",))),
        ("(char_length(name) <= 30)", Hints(numbers=("30",))),
    ],
)
def test_constants(expression: str, hints: Hints) -> None:
    assert read_hints(expression) == hints


def test_names() -> None:
    names = find_names("""((lower("Odd Name") = 'amount') AND (qty > 0))""")
    assert {"Odd Name", "qty"} <= names
    assert "amount" not in names


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        r"^\+?[1-9]\d{1,14}$",
        r"^#[0-9A-Fa-f]{6}$",
        r"^(a|bc|def){2}x?$",
        r"^[[:alpha:]_]+$",
        r"^https?://",
        r"^[-\w]{3,}$",
        r"^\d{3}-\d{4}$",
        r"^(?:[A-Z]{2}|[0-9]{3})$",
    ],
)
def test_a_text_for_a_pattern(pattern: str) -> None:
    text = render_pattern(pattern, random.Random(7))
    assert text is not None
    assert re.search(pattern.replace("[:alpha:]", "a-zA-Z"), text)


@pytest.mark.parametrize("pattern", ["(?=x)y", "[", "(", "a{2", r"\1", "a{9999}", "(" * 5000, "((a{200}){200}){200}"])
def test_a_pattern_that_is_not_understood(pattern: str) -> None:
    assert render_pattern(pattern, random.Random(7)) is None


@given(st.text(alphabet="ab%_\\-", max_size=12), st.integers())
def test_a_text_for_like_always_fits(pattern: str, seed: int) -> None:
    if re.search(r"(?<!\\)(\\\\)*\\$", pattern):
        return  # the server refuses a pattern that ends in its escape character
    text = render_like(pattern, random.Random(seed))
    parts = re.findall(r"\\.|.", pattern)
    regex = "".join({"%": ".*", "_": "."}.get(part, re.escape(part.removeprefix("\\") or part)) for part in parts)
    assert re.fullmatch(regex, text)


@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    read_hints(text)
    find_names(text)
    render_pattern(text, random.Random(1))
