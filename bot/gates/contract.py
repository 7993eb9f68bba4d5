"""Every endpoint that the spec asks for is in the API that the application describes.

Where the application gives no OpenAPI document, each endpoint stays open and is named: a person checks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.gates.context import GateContext
from bot.gates.result import GateResult, count, quote
from bot.spec.model import Spec

# The fixed fields of a path item: https://spec.openapis.org/oas/v3.1.1.html#path-item-object
METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_PARAMETER = re.compile(r"\{[^/{}]*\}|(?<=/):\w+|<[^/<>]*>")


def check(context: GateContext) -> GateResult:
    """Fails when the application's own document lacks an endpoint, is open when there is no document."""
    asked = list_endpoints(context.spec)
    if not asked:
        return GateResult("contract", "skipped", "the spec asks for no endpoint")
    if context.openapi is None:
        summary = f"{count(len(asked), 'endpoint')} asked for, none checked: the application's API is not known"
        return GateResult("contract", "open", summary, tuple(map(quote, asked)))
    there = {_normalise(endpoint) for endpoint in _list_operations(context.openapi)}
    missing = tuple(endpoint for endpoint in asked if _normalise(endpoint) not in there)
    if missing:
        summary = f"{count(len(missing), 'endpoint')} of {len(asked)} not in the application's API"
        return GateResult("contract", "failed", summary, tuple(map(quote, missing)))
    return GateResult("contract", "passed", f"{count(len(asked), 'endpoint')} in the application's API")


def list_endpoints(spec: Spec) -> tuple[str, ...]:
    """The endpoints that the spec asks for, as `POST /orders/{id}`, in its order; those of its OpenAPI fence too."""
    named = (f"{endpoint.method} {endpoint.path}" for endpoint in spec.endpoints)
    return tuple(dict.fromkeys((*named, *_list_operations(spec.openapi or {}))))


def _list_operations(document: Mapping[str, object]) -> Iterator[str]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, Mapping) else ():
        for method in item if isinstance(item, Mapping) else ():
            if str(method).upper() in METHODS:
                yield f"{str(method).upper()} {path}"


def _normalise(endpoint: str) -> str:
    """Two spellings of one endpoint become one: names of parameters and a slash at the end do not count."""
    method, _, path = endpoint.partition(" ")
    return f"{method.upper()} {_PARAMETER.sub('{}', path).rstrip('/')}"
