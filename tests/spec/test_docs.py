"""docs/spec-format.md and the issue form say what is so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from bot.migration.target import build_target
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from bot.spec.data_model import list_notations
from bot.spec.entities.checks import TYPE_NAMES
from bot.spec.gaps import find_gaps
from bot.spec.markdown.sections import KEYS, normalise_title
from bot.spec.model import DataModel
from bot.spec.reader import read_spec
from bot.spec.yaml_text.columns import COLUMN_KEYS

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "spec-format.md").read_text()
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````$", DOCS, re.MULTILINE | re.DOTALL)
MODELS = [text for text in EXAMPLES if text.startswith("## Data model")]
BASE = "CREATE TABLE customers (id integer PRIMARY KEY); CREATE TABLE orders (id integer PRIMARY KEY)"
FORM = yaml.safe_load((ROOT / "examples/bookshop/.github/ISSUE_TEMPLATE/spec.yml").read_text())
FIELDS = [field for field in FORM["body"] if field["type"] != "markdown"]


def build(engine: sa.Engine, model: DataModel) -> tuple[Schema, Schema]:
    """The schema before and after a model is carried out."""
    with engine.begin() as connection:
        connection.exec_driver_sql(BASE)
    with engine.connect() as connection:
        before = snapshot(connection)
    with engine.connect() as connection:
        build_target(connection, before, model)
    with engine.connect() as connection:
        return before, snapshot(connection)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_are_read(text: str) -> None:
    spec = read_spec("t", text)
    assert spec.criteria or spec.endpoints or not spec.data_model.is_empty


def test_the_criteria_and_the_api_of_the_docs() -> None:
    criteria = next(read_spec("t", text).criteria for text in EXAMPLES if "Acceptance" in text)
    assert [item.id for item in criteria] == ["AC-1", "AC-2", "AC-3"]
    assert criteria[2].text.endswith("Given a coupon of another customer When I redeem it Then it is refused")
    endpoints = next(read_spec("t", text).endpoints for text in EXAMPLES if text.startswith("## API"))
    assert [(item.method, item.path) for item in endpoints] == [
        ("POST", "/coupons"),
        ("GET", "/coupons/{code}"),
        ("POST", "/coupons/{code}/redemptions"),
    ]


def test_every_notation_of_the_docs_makes_the_same_schema(fresh_database: Callable[[], sa.Engine]) -> None:
    schemas = []
    for text in MODELS:
        spec = read_spec("t", text)
        before, after = build(fresh_database(), spec.data_model)
        assert find_gaps(spec, before) == ()
        schemas.append(after)
    assert len(schemas) == 5
    for schema in schemas[1:]:
        differences = material(diff(schemas[0], schema))
        assert [change for change in differences if "comment" not in repr(change).lower()] == []


def test_the_docs_name_every_notation_key_and_word() -> None:
    fences = set(re.findall(r"^```(\w+)$", DOCS, re.MULTILINE))
    assert {notation.__name__.rpartition(".")[2] for notation in list_notations().values()} <= fences  # type: ignore[attr-defined]
    for key in COLUMN_KEYS:
        assert re.search(rf"`{key}(?:`|: )", DOCS), key
    words = re.findall(r"^\| (`.*`) \| `(.+)` \|$", DOCS, re.MULTILINE)
    listed = {word.strip("` "): type_ for cell, type_ in words for word in cell.split(",")}
    assert listed == TYPE_NAMES


def test_the_headings_of_the_docs_are_known() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]*) \|", DOCS, re.MULTILINE)
    titles = [title for row in rows for title in row.split(", ") if title not in ("Method", "Column", "POST")]
    assert len(titles) > 8
    assert [title for title in titles if normalise_title(title) not in KEYS.values()] == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field["id"])
def test_the_form_asks_for_known_sections(field: dict[str, Any]) -> None:
    title, placeholder = field["attributes"]["label"], field["attributes"].get("placeholder", "")
    spec = read_spec("t", f"### {title}\n\n{placeholder or '_No response_'}\n")
    assert [section.key for section in spec.sections] == [normalise_title(title)]
    assert spec.sections[0].key in KEYS.values()
    if placeholder:
        assert spec.criteria or spec.endpoints or not spec.data_model.is_empty


def test_the_form_filled_in_is_a_whole_spec() -> None:
    body = "\n\n".join(
        f"### {field['attributes']['label']}\n\n{field['attributes'].get('placeholder') or '_No response_'}"
        for field in FIELDS
    )
    spec = read_spec("t", body)
    assert (len(spec.criteria), len(spec.endpoints), len(spec.data_model.tables)) == (2, 1, 1)
    assert find_gaps(spec, None) == ()
    assert len({field["id"] for field in FIELDS}) == len(FIELDS)
