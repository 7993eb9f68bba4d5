"""Ask the people who wrote the spec: the run ends here and goes on when they have answered by editing the issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import Ending, ToolResult

DEFINITION = {
    "name": "ask",
    "description": (
        "Asks the spec's authors what only they can decide: something essential is missing or contradicts itself, and "
        "any answer of yours would be invented. The run stops; what was done is thrown away. Do not ask about what the "
        "repository shows, about style, or for permission."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "questions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "question": {"type": "string", "description": "one sentence: what is open"},
                        "expected": {"type": "string", "description": "what an answer looks like, with an example"},
                        "line": {"type": "integer", "description": "the line of the spec that it is about"},
                    },
                    "required": ["question", "expected"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["questions"],
        "additionalProperties": False,
    },
}


class Question(BaseModel):
    """One thing that is open; `line` is the spec's, counted from 1."""

    question: str = Field(min_length=1, max_length=2_000)
    expected: str = Field(max_length=2_000)
    line: int | None = Field(None, ge=1)


class Given(BaseModel):
    """The input."""

    questions: list[Question] = Field(min_length=1, max_length=10)


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Notes the questions."""
    asked = Given.model_validate(given)
    return ToolResult("the questions are put to the spec's authors", ending=Ending("asked", asked.model_dump()))
