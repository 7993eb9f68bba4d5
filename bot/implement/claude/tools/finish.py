"""Say that the work is done: what meets which criterion, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import Ending, ToolResult

DEFINITION = {
    "name": "finish",
    "description": (
        "Hands the work over. Name for each acceptance criterion the files and the ids of the tests that show it; name "
        "the endpoints that exist now; name plainly what is not done. Then the bot runs tests, proof and all checks "
        "itself; what fails comes back to you."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "criteria": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "description": "AC-1"},
                        "files": {"type": "array", "items": {"type": "string"}},
                        "tests": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "ids as run_tests names them",
                        },
                    },
                    "required": ["id", "files", "tests"],
                    "additionalProperties": False,
                },
            },
            "endpoints": {
                "type": "array",
                "items": {"type": "string"},
                "description": "those of the spec that work now, as 'POST /orders/{id}'",
            },
            "done": {"type": "array", "items": {"type": "string"}, "description": "what was done, a sentence each"},
            "not_done": {
                "type": "array",
                "items": {"type": "string"},
                "description": "what the spec asks for and this change does not give, with the reason",
            },
            "notes": {"type": "array", "items": {"type": "string"}, "description": "what a reviewer must know"},
        },
        "required": ["criteria", "endpoints", "done", "not_done", "notes"],
        "additionalProperties": False,
    },
}


class CriterionSummary(BaseModel):
    """Where a criterion is met."""

    id: str = Field(max_length=20)
    files: list[str] = Field(default_factory=list, max_length=50)
    tests: list[str] = Field(default_factory=list, max_length=100)


class Summary(BaseModel):
    """What the model says of its work. Of tests it counts for nothing: they are run again."""

    criteria: list[CriterionSummary] = Field(default_factory=list, max_length=200)
    endpoints: list[str] = Field(default_factory=list, max_length=200)
    done: list[str] = Field(default_factory=list, max_length=100)
    not_done: list[str] = Field(default_factory=list, max_length=100)
    notes: list[str] = Field(default_factory=list, max_length=100)


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Notes the summary."""
    summary = Summary.model_validate(given)
    return ToolResult("handed over; the checks are run now", ending=Ending("finished", summary.model_dump()))
