"""Checks an OpenAPI document with openapi-spec-validator, without what a stranger's document could make endless.

Of its checks two are replaced: that of default values, which runs the document's regular expressions, and the
collection of an `allOf`'s properties, which follows every reference every time (2^n steps for n schemas, and no end
when they refer to themselves).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema.exceptions import best_match  # type: ignore[import-untyped]
from jsonschema_path import SchemaPath
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator
from openapi_spec_validator.validation.keywords import (
    KeywordValidator,
    OpenAPIV30SchemaValidator,
    OpenAPIV31SchemaValidator,
    OpenAPIV32SchemaValidator,
)
from openapi_spec_validator.validation.registries import KeywordValidatorRegistry

VERSIONS = ("3.0", "3.1", "3.2")
_COMBINED = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Mistake:
    """`path` leads to it from the root, or from the schema that it is in; `value` is what stands there."""

    message: str
    path: tuple[str, ...]
    value: Any


def check_openapi(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """All mistakes of a document of one of `VERSIONS`. May raise whatever the validator meets in a broken one."""
    for error in _iterate(document):
        nearest = best_match([error])  # of "is none of these", what is wrong with the one that was meant
        yield Mistake(nearest.message, tuple(str(key) for key in nearest.absolute_path), nearest.instance)


def _iterate(document: Mapping[str, Any]) -> Iterator[Any]:
    validator, schema = _VALIDATORS[str(document["openapi"])[:3]]
    found = False
    for error in validator.schema_validator.iter_errors(document):
        found = True
        yield error
    if not found:  # what follows takes a document of the right shape for granted
        keywords = {**validator.keyword_validators, "default": _NoDefaults, "schema": schema}
        root: Any = KeywordValidatorRegistry(keywords)["__root__"]
        yield from root(SchemaPath.from_dict(dict(document), handlers={}))


class _NoDefaults(KeywordValidator):
    def __call__(self, schema: SchemaPath, value: Any) -> Iterator[Any]:
        return iter(())


class _CollectOnce:
    """Properties that a schema can have, each schema looked at once."""

    def _collect_properties(self, schema: SchemaPath) -> set[str]:
        found: set[str] = set()
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            path = waiting.pop()
            value = path.read_value()
            if not isinstance(value, Mapping) or id(value) in seen:
                continue
            seen.add(id(value))
            properties = value.get("properties")
            found |= set(properties) if isinstance(properties, Mapping) else set()
            waiting += [path / key / number for key in _COMBINED for number in range(len(value.get(key) or ()))]
            waiting += [path / key for key in ("items", "not") if key in value]
        return found


class _Schema30(_CollectOnce, OpenAPIV30SchemaValidator):
    pass


class _Schema31(_CollectOnce, OpenAPIV31SchemaValidator):
    pass


class _Schema32(_CollectOnce, OpenAPIV32SchemaValidator):
    pass


_VALIDATORS = {
    "3.0": (OpenAPIV30SpecValidator, _Schema30),
    "3.1": (OpenAPIV31SpecValidator, _Schema31),
    "3.2": (OpenAPIV32SpecValidator, _Schema32),
}
