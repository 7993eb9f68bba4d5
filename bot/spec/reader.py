"""The text of an issue becomes a `Spec`; docs/spec-format.md tells people how to write one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.spec.assemble import read_data_model
from bot.spec.criteria import read_criteria
from bot.spec.endpoints import read_endpoints
from bot.spec.errors import Problems, SpecError
from bot.spec.links import read_links
from bot.spec.markdown.document import Document, Paragraph, read_document
from bot.spec.markdown.sections import Part, list_sections, split_parts
from bot.spec.model import Endpoint, Section, Spec
from bot.spec.openapi_text.document import find_fence, read_openapi

__all__ = ["MAX_BODY", "SpecError", "read_spec"]

MAX_BODY = 65_536  # characters, GitHub's own limit of an issue body
MAX_TITLE = 1024
_LINE_ENDS = re.compile(r"\r\n?")
# What `str.splitlines` takes for the end of a line and Markdown does not: lines must be counted in one way only.
_ODD_SEPARATORS = re.compile("[\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")


def read_spec(title: str, body: str) -> Spec:
    """The spec that an issue holds. `Spec.body` has plain line ends; lines of the spec count in it.

    Raises `SpecError` with every problem when something cannot be read or contradicts itself. What is only left open is
    none: see `bot.spec.gaps`.
    """
    text = _ODD_SEPARATORS.sub(" ", _LINE_ENDS.sub("\n", body))
    problems = Problems(text.split("\n"))
    if len(text) > MAX_BODY or len(title) > MAX_TITLE:
        problems.report(None, "the issue is too long", f"at most {MAX_BODY} characters")
        raise SpecError(problems.list_all())
    unreadable = _UNREADABLE.search(text)
    if unreadable is not None or _UNREADABLE.search(title):
        line = text.count("\n", 0, unreadable.start()) + 1 if unreadable else None
        problems.report(line, "here is a character that no text holds", "the text without it")
        raise SpecError(problems.list_all())
    spec = _read(title, read_document(text), text, problems)
    if problems.list_all():
        raise SpecError(problems.list_all())
    return spec


def _read(title: str, document: Document, text: str, problems: Problems) -> Spec:
    parts = split_parts(document)
    sections = list_sections(document, parts)
    fence = find_fence(parts)
    openapi, operations = read_openapi(fence, problems) if fence else (None, ())
    return Spec(
        " ".join(title.split()),
        text,
        _find_summary(parts, sections),
        sections,
        read_criteria(parts, problems),
        _join(read_endpoints(parts, problems), operations),
        openapi,
        read_data_model(parts, problems),
        read_links(document.tokens, problems),
    )


def _find_summary(parts: Sequence[Part], sections: Sequence[Section]) -> str:
    """The section of that name, else the first paragraph of the text."""
    stated = next((section.text for section in sections if section.key == "summary" and section.text), None)
    if stated is not None:
        return stated
    first = next((b.text for part in parts for b in part.blocks if isinstance(b, Paragraph) and b.text), "")
    return first if first != "No response" else ""


def _join(listed: Sequence[Endpoint], operations: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """What is listed, and the operations of the OpenAPI document that are not."""
    known = {(endpoint.method, endpoint.path) for endpoint in listed}
    return (*listed, *(item for item in operations if (item.method, item.path) not in known))
