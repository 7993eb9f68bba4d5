"""The structured answers of the stages that have no tools: the model fills these in."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Point(_Answer):
    """Something that the spec says or leaves open."""

    text: str = Field(description="one sentence")
    line: int | None = Field(description="the line of the issue that says so; null when none does")


class Gap(_Answer):
    """Something essential that is answered nowhere."""

    question: str = Field(description="one sentence: what is open")
    expected: str = Field(description="what an answer would look like, with an example")
    line: int | None = Field(description="the line of the issue that it is about; null when it concerns the whole")


class Analysis(_Answer):
    """What the spec asks for."""

    entities: list[Point]
    endpoints: list[Point]
    criteria: list[Point]
    constraints: list[Point]
    assumptions: list[Point]
    gaps: list[Gap]


class FilePlan(_Answer):
    """What becomes of a file."""

    layer: Literal["schema", "data access", "logic", "api", "tests", "docs"]
    path: str
    action: Literal["add", "change"]
    what: str = Field(description="one sentence")


class Plan(_Answer):
    """The files to add and to change, in order."""

    files: list[FilePlan]


class Defect(_Answer):
    """Something that is wrong with the change."""

    path: str
    what: str = Field(description="what happens, for which input")
    severity: Literal["high", "medium", "low"]


class Review(_Answer):
    """What a reviewer found; nothing when they would merge it."""

    defects: list[Defect]


@cache
def get_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of an answer, as the API takes one."""
    from bot.implement.claude.client import transform_schema

    return transform_schema(answer)
