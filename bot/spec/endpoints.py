"""The operations of an API from a table (`Method`, `Path`, `Description`), a list or headings (`POST /orders`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.spec.errors import Problems
from bot.spec.markdown.document import Heading, Item, Paragraph, Table
from bot.spec.markdown.inline import strip_code
from bot.spec.markdown.sections import Part
from bot.spec.model import Endpoint

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_METHOD = "|".join(METHODS)
_OPERATION = re.compile(
    rf"[*_`]*(?P<methods>(?:{_METHOD})(?:\s*[,/|]\s*(?:{_METHOD}))*)[*_`]*\s+[*_`]*(?P<path>/[^\s`*]*)[*_`]*"
    r"\s*(?:[:–—-]+\s*)?(?P<text>.*)",
    re.DOTALL,
)
_METHOD_HEADERS = frozenset({"method", "verb", "http method", "http verb", "methods"})
_PATH_HEADERS = frozenset({"path", "route", "url", "uri", "endpoint", "endpoints", "resource", "operation"})


def read_endpoints(parts: Sequence[Part], problems: Problems) -> tuple[Endpoint, ...]:
    """Of all sections on the API, in order of appearance; the same operation twice is reported."""
    found = tuple(endpoint for part in parts if part.key == "api" for endpoint in _read_part(part, problems))
    seen: dict[tuple[str, str], int] = {}
    for endpoint in found:
        key = (endpoint.method, re.sub(r"\{[^{}]*\}", "{}", endpoint.path))
        if key in seen:
            message = f"{endpoint.method} {endpoint.path} is described twice (first in line {seen[key]})"
            problems.report(endpoint.line, message, "one description of each operation")
        seen.setdefault(key, endpoint.line)
    return found


def _read_part(part: Part, problems: Problems) -> Iterator[Endpoint]:
    for block in part.blocks:
        if isinstance(block, Table):
            yield from _read_table(block, problems)
        elif isinstance(block, Item | Heading):
            yield from _read_text(block.title if isinstance(block, Heading) else block.text, block.line)
        elif isinstance(block, Paragraph):
            for number, line in enumerate(block.text.split("\n"), block.line):
                yield from _read_text(line, number)


def _read_text(text: str, line: int) -> Iterator[Endpoint]:
    match = _OPERATION.fullmatch(text.strip())
    if match is not None:
        for method in re.findall(r"[A-Z]+", match["methods"]):
            yield Endpoint(method, match["path"], " ".join(match["text"].split()), line)


def _read_table(table: Table, problems: Problems) -> Iterator[Endpoint]:
    names = [cell.lower().strip("*` ") for cell in table.header.cells]
    method = next((names.index(name) for name in names if name in _METHOD_HEADERS), None)
    path = next((names.index(name) for name in names if name in _PATH_HEADERS), None)
    if path is None:
        return
    for row in table.rows:
        cells = [strip_code(cell) for cell in row.cells]
        text = cells[path] if method is None else f"{cells[method].upper()} {cells[path]}"
        others = [cell for place, cell in enumerate(cells) if place not in (method, path) and cell]
        found = list(_read_text(text, row.line))
        if not found and any(cells):
            problems.report(
                row.line, f"`{text.strip()}` is no operation", "a method and a path, such as `GET /orders/{id}`"
            )
        for endpoint in found:
            yield Endpoint(endpoint.method, endpoint.path, endpoint.description or "; ".join(others), row.line)
