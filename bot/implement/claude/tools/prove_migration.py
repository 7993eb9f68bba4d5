"""Prove the migration: up, down and up again on a real database with rows, and the models compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolResult

DEFINITION = {
    "name": "prove_migration",
    "description": (
        "Proves the revisions of this change on a scratch database with rows: upgrade, the schema is what the spec "
        "asks for, downgrade, the schema and every value are as before, upgrade again; and the models make that very "
        "schema. Call it after any edit of models or revisions. It says step by step what holds."
    ),
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Runs the proof. That it does not hold is no error of the tool's."""
    report = place.prove()
    return ToolResult(f"{'The proof holds.' if report.ok else 'The proof does NOT hold.'}\n{report.text}")
