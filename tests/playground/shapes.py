"""Compares payloads with the shapes of GitHub's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHAPES = json.loads((Path(__file__).parent / "payload_shapes.json").read_text())
KINDS = {str: "text", bool: "flag", int: "number", float: "number", type(None): "null"}
# Left out: deployments; `draft` of issues that are no pull requests; times of an installation, which GitHub gives as
# numbers or as texts; the login of a commit's author, who in the tests has no account.
LEFT_OUT = ("deployment", "issue.draft", "installation.created_at", "installation.updated_at", ".username")


def list_differences(shape: Any, value: Any, path: str = "") -> Iterator[str]:
    """What GitHub has and the value has not, or has in another kind. Null fits everything, on both sides."""
    if isinstance(shape, str) and shape.startswith("@"):
        shape = SHAPES["definitions"][shape[1:]]
    if value is None or shape == "null":
        return
    if isinstance(shape, dict):
        yield from _list_of_object(shape, value, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path} is no list"
        elif shape:
            for item in value:
                yield from list_differences(shape[0], item, f"{path}[]")
    elif KINDS.get(type(value)) != shape:
        yield f"{path} is {value!r}, not a {shape}"


def _list_of_object(shape: dict[str, Any], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} is no object"
        return
    for key, inner in shape.items():
        name = f"{path}.{key}"
        if name.endswith(LEFT_OUT):
            continue
        if key not in value:
            yield f"{name} is missing"
        else:
            yield from list_differences(inner, value[key], name)
