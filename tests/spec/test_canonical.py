"""The canonical form of a spec, and names made of its title."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.spec.canonical import read_canonical, render_canonical, slugify
from bot.spec.errors import SpecError
from bot.spec.reader import read_spec
from tests.spec.plain import drop_lines

SPECS = Path(__file__).parents[2] / "examples" / "specs"


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.md")), ids=lambda path: path.stem)
def test_examples_are_kept(path: Path) -> None:
    spec = read_spec("A title: with # marks", path.read_text())
    text = render_canonical(spec, 12)
    again = read_canonical(text)
    assert drop_lines(again.data_model) == drop_lines(spec.data_model)
    assert (again.title, len(again.criteria)) == (spec.title, len(spec.criteria))
    assert text.startswith("# The spec of issue #12")
    assert render_canonical(again, 12) == text
    assert yaml.safe_load(text)["issue"] == 12


def test_its_lines_are_its_own() -> None:
    text = render_canonical(read_spec("t", (SPECS / "01-loyalty.md").read_text()), 1)
    again = read_canonical(text)
    lines = text.split("\n")
    for table in again.data_model.tables:
        assert lines[table.line - 1].strip().startswith(table.name)
    assert lines[again.criteria[0].line - 1].startswith("  AC-1:")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a canonical spec"),
        ("- a", "not a canonical spec"),
        ("specwright: 2\ntitle: a", "another format"),
        ("specwright: 1\ntable: a", "no key `table`"),
        ("specwright: 1\ndata_model: {tables: {a: {columns: {b: int eger}}}}", "is not a type"),
    ],
)
def test_what_is_none_is_told(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read_canonical(text)


SLUGS = [
    ("Loyalty programme: points, tiers and rewards", "loyalty-programme-points-tiers-and"),
    ("Größe & Farbe", "groe-farbe"),
    ("Éclair au café", "eclair-au-cafe"),
    ("日本語", "spec"),
    ("", "spec"),
    ("---", "spec"),
    ("../../etc/passwd", "etc-passwd"),
    ("a" * 100, "a" * 40),
    ("x; rm -rf / #", "x-rm-rf"),
]


@pytest.mark.parametrize(("title", "slug"), SLUGS)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


@given(st.text())
def test_a_slug_is_a_name_and_stays_one(title: str) -> None:
    slug = slugify(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 40
    assert slugify(slug) == slug
