"""The stages before and after the work itself: analyse, plan, review. Each answers once, in a given form."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.implement.claude.answers import Analysis, Plan, Review, get_schema
from bot.implement.claude.conversation import Desk, Ended, Talk, converse
from bot.implement.claude.tools.bounds import cut_middle
from bot.words.loader import render_prompt

MAX_ATTEMPTS = 3
DIFF_CHARACTERS = 400_000

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Brief:
    """What all conversations of a run begin with: `context` is the same text in each of them."""

    context: str

    @property
    def system(self) -> str:
        """The system prompt."""
        return render_prompt("system.md")


def analyse(desk: Desk, brief: Brief) -> Analysis:
    """What the spec asks for and leaves open. Raises `Ended` and `ModelError`, as all stages do."""
    return _ask_for(desk, brief, "analyse", render_prompt("analyse.md"), Analysis)


def plan(desk: Desk, brief: Brief, analysis: Analysis) -> Plan:
    """The files to add and to change."""
    return _ask_for(desk, brief, "plan", render_prompt("plan.md", analysis=render_json(analysis)), Plan)


def review(desk: Desk, brief: Brief, diff: str, number: int) -> Review:
    """What somebody finds who sees only the spec and the change; each review is a conversation of its own."""
    prompt = render_prompt("review.md", diff=cut_middle(diff, DIFF_CHARACTERS))
    return _ask_for(desk, brief, f"review-{number}", prompt, Review)


def render_json(answer: BaseModel) -> str:
    """An answer as a model reads it."""
    return json.dumps(answer.model_dump(), ensure_ascii=False, indent=1)


def _ask_for(desk: Desk, brief: Brief, name: str, prompt: str, answer: type[Answer]) -> Answer:
    talk = Talk(name, brief.system, answer_format=get_schema(answer))
    words = [brief.context, prompt]
    for attempt in range(1, MAX_ATTEMPTS + 1):
        text = converse(desk, talk, f"{name}-{attempt}", words).text
        try:
            return answer.model_validate_json(text)
        except ValidationError as error:
            words = [f"That does not fit the form ({error.error_count()} errors). Answer again, in that form only."]
    raise Ended("failed", f"the model gave no answer of the form that the stage {name.partition('-')[0]} asks for")
