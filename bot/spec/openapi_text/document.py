"""An `openapi` fence: parsed, checked against its specification; what it points at outside is refused, not fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from bot.spec.errors import Problems
from bot.spec.markdown.document import Fence
from bot.spec.markdown.sections import Part
from bot.spec.model import Endpoint
from bot.spec.openapi_text.check import VERSIONS, check_openapi
from bot.spec.openapi_text.places import find_line
from bot.spec.yaml_text.nodes import MappingNode, Node, Scalar, SequenceNode, read_yaml, to_plain

LANGUAGES = frozenset({"openapi", "swagger", "openapi-yaml", "openapi-json"})
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_BASES = frozenset({"$id", "$schema", "$anchor", "$dynamicAnchor", "jsonSchemaDialect", "$self"})
MAX_ERRORS = 10


def find_fence(parts: Sequence[Part]) -> Fence | None:
    """The first fence that is an OpenAPI document: by its language anywhere, by its first key in the API's section."""
    for part in parts:
        for block in part.blocks:
            if isinstance(block, Fence) and (
                block.language in LANGUAGES
                or (part.key == "api" and block.language in ("yaml", "yml", "json", "") and _looks_like(block.text))
            ):
                return block
    return None


def read_openapi(fence: Fence, problems: Problems) -> tuple[dict[str, object] | None, tuple[Endpoint, ...]]:
    """The document and its operations; (None, ()) when it is wrong, which is reported."""
    root = read_yaml(fence.text, fence.line + 1, problems)
    if not isinstance(root, MappingNode):
        if root is not None or not fence.text.strip():
            problems.report(fence.line, "the OpenAPI document is no mapping", "a document that begins with `openapi:`")
        return None, ()
    if _report_outside(root, problems):
        return None, ()
    document = to_plain(root)
    if _report_errors(document, root, problems):
        return None, ()
    return document, tuple(_list_operations(root))


def _looks_like(text: str) -> bool:
    return re.match(r"\s*(?:\{\s*\"|#[^\n]*\n\s*)*(?:openapi|swagger)\"?\s*:", text) is not None


def _report_outside(root: Node, problems: Problems) -> bool:
    """References to anything but this document, and whatever would change what a reference is relative to."""
    found = False
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, SequenceNode):
            waiting += node.items
        for entry in node.entries if isinstance(node, MappingNode) else ():
            waiting.append(entry.value)
            if not isinstance(entry.value, Scalar):
                continue
            outside = entry.key in _REFERENCES and not entry.value.text.startswith("#")
            if outside or entry.key in _BASES:
                found = True
                problems.report(
                    entry.value.line, f"`{entry.key}: {entry.value.text}` leads out of the document", "`#/components/…`"
                )
    return found


def _report_errors(document: dict[str, Any], root: MappingNode, problems: Problems) -> bool:
    """Whether there are any."""
    version = document.get("openapi")
    if str(version)[:3] not in VERSIONS:
        message = f"the version of OpenAPI is {version}" if version else "the document does not say its version"
        problems.report(root.line, message, f"`openapi: 3.1.0`; {', '.join(VERSIONS)} are read")
        return True
    try:
        mistakes = list(islice(check_openapi(document), MAX_ERRORS))
    except Exception as error:  # the validator raises what it meets: a reference to nothing, a wrong type
        problems.report(root.line, f"the OpenAPI document cannot be checked: {error}", "valid OpenAPI")
        return True
    for mistake in mistakes:
        problems.report(find_line(root, mistake), f"the OpenAPI document is wrong: {mistake.message}", "valid OpenAPI")
    return bool(mistakes)


def _list_operations(root: MappingNode) -> Iterator[Endpoint]:
    paths = root.find("paths")
    for path in paths.entries if isinstance(paths, MappingNode) else ():
        for operation in path.value.entries if isinstance(path.value, MappingNode) else ():
            if operation.key in _METHODS and isinstance(operation.value, MappingNode):
                text = operation.value.find("summary") or operation.value.find("description")
                words = " ".join(text.text.split()) if isinstance(text, Scalar) else ""
                yield Endpoint(operation.key.upper(), path.key, words, operation.line)
