from __future__ import annotations

import json

import hypothesis
import pytest

from bot.schema.codec import fingerprint, from_json, to_json
from bot.schema.model import Column, Schema, Table
from tests.schema.strategies import schemas


@hypothesis.settings(max_examples=100, deadline=None)
@hypothesis.given(schemas)
def test_a_schema_survives_json(schema: Schema) -> None:
    text = json.dumps(to_json(schema))
    again = from_json(json.loads(text))
    assert again == schema
    assert hash(again) == hash(schema)
    assert fingerprint(again) == fingerprint(schema)


def test_what_was_written_before_a_field_was_there_is_read_with_its_default() -> None:
    schema = Schema("postgresql", tables=(Table("public", "t", (Column("a", "integer"),)),))
    content = to_json(schema)
    del content["others"], content["tables"][0]["options"], content["tables"][0]["columns"][0]["virtual"]
    assert from_json(content) == schema


def test_a_field_without_a_default_must_be_there() -> None:
    with pytest.raises(TypeError):
        from_json({"tables": [{"schema": "public", "columns": []}], "dialect": "postgresql"})


def test_a_fingerprint_tells_schemas_apart() -> None:
    one = Schema("postgresql", tables=(Table("public", "t", (Column("a", "integer"),)),))
    other = Schema("postgresql", tables=(Table("public", "t", (Column("a", "bigint"),)),))
    assert fingerprint(one) != fingerprint(other)
    assert len(fingerprint(one)) == 64
