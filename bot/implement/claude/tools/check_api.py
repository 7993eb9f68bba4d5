"""Try the application's API against the spec's OpenAPI document, with generated requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolResult

DEFINITION = {
    "name": "check_api",
    "description": (
        "Starts the application in the sandbox, on a scratch database that has all revisions and no rows, and sends it "
        "generated requests, right and wrong ones, with schemathesis: against the OpenAPI document of the spec, or "
        "against the application's own for the endpoints that the spec names. Says which answers are server errors or "
        "not what the document promises, each with a request that shows it. Call it when the endpoints are there."
    ),
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Runs it. That it finds something is no error of the tool's. Raises `ToolError` when there is nothing to try."""
    report = place.check_api()
    return ToolResult(f"{'Nothing was found.' if report.ok else 'Something was found.'}\n{report.text}")
