"""A schema as JSON and back, and its fingerprint."""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from functools import cache
from typing import Any

from bot.schema.model import Schema

_PLAIN = (str, int, bool, float)


def to_json(schema: Schema) -> dict[str, Any]:
    """The schema as plain JSON values."""
    return asdict(schema)


def from_json(content: Mapping[str, Any]) -> Schema:
    """The schema that `to_json` gave; `from_json(to_json(s)) == s`. A field that is missing has its default.

    The content may be anybody's: raises `TypeError`, `ValueError` or `KeyError` for what is no schema.
    """
    return typing.cast("Schema", _read(Schema, content))


def fingerprint(schema: Schema) -> str:
    """SHA-256 of the schema's canonical JSON: equal schemas, equal fingerprints."""
    return hashlib.sha256(json.dumps(to_json(schema), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _read(kind: Any, content: Any) -> Any:
    if kind in _PLAIN:
        if type(content) is not kind:
            raise TypeError(f"{type(content).__name__} in place of {kind.__name__}")
        return content
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], content[name]) for name in hints if name in content})
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        repeated = len(arguments) == 2 and arguments[1] is Ellipsis
        kinds = [arguments[0]] * len(content) if repeated else arguments
        return tuple(_read(part, value) for part, value in zip(kinds, content, strict=True))
    if origin in (types.UnionType, typing.Union):
        if content is None and type(None) in arguments:
            return None
        return _read(next(part for part in arguments if part is not type(None)), content)
    if origin is typing.Literal and content not in arguments:
        raise ValueError("none of the values that are allowed")
    return content


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)
