"""The model's part of a run: a desk with what its conversations share, and its stages in the run's steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from bot.implement.claude import stages
from bot.implement.claude.answers import Analysis, Gap, Plan
from bot.implement.claude.client import ClaudeClient, ModelUnavailable, RequestRefused
from bot.implement.claude.conversation import Desk, Ended
from bot.implement.claude.engineer import Asked as AskedByModel
from bot.implement.claude.knowledge import read_instructions, render_map
from bot.implement.claude.request import Model
from bot.implement.claude.stages import Brief
from bot.implement.claude.tools.ask import Question
from bot.implement.claude.transcript import Transcript
from bot.spec.model import Problem
from bot.store import TranscriptTaken
from bot.words.loader import render_prompt
from jobs.context import RunContext
from jobs.continuation import get_limits
from jobs.endings import Asked, Failed, LeaseLost, ModelRefused
from jobs.engineer_place import make_redactor

PROGRESS_SECONDS = 20.0


def make_desk(context: RunContext, progress: Callable[[], None] = lambda: None) -> Desk:
    """The desk of that run, its transcript as the store has it. `progress` is called now and then."""
    settings = context.parts.settings
    key = settings.anthropic_api_key
    assert key is not None  # noqa: S101 (`context.implementer` said that there is one)
    return Desk(
        client=ClaudeClient(key.get_secret_value(), settings.anthropic_base_url, settings.claude_retries),
        model=Model(settings.claude_model, settings.claude_effort, settings.claude_output_tokens),
        limits=get_limits(settings, context.config, context.store, context.run.id),
        transcript=Transcript.open(context.store, context.run.id),
        redact=make_redactor(context),
        progress=_pace(progress),
    )


def make_brief(context: RunContext, desk: Desk) -> Brief:
    """What each conversation begins with, the same text in all of them."""

    def make() -> dict[str, Any]:
        with context.files("brief") as files:
            instructions, overview = read_instructions(files, context.config), render_map(files)
        text = render_prompt("context.md", spec=context.spec, instructions=instructions, map=overview)
        return {"context": desk.redact(text)}

    return Brief(desk.transcript.keep("brief", make)["context"])


def analyse(context: RunContext) -> tuple[Analysis, Plan]:
    """What the spec asks for, and the plan. Raises `Asked` for what the model finds open, and other endings."""
    with told(context):
        desk = make_desk(context)
        brief = make_brief(context, desk)
        analysis = stages.analyse(desk, brief)
        if analysis.gaps:
            raise Asked([make_problem(context, gap) for gap in analysis.gaps])
        return analysis, stages.plan(desk, brief, analysis)


def make_problem(context: RunContext, gap: Gap | Question) -> Problem:
    """A question of the model's as one of the bot's: its line must be one of the issue's."""
    lines = context.spec.body.splitlines()
    line = gap.line if gap.line is not None and gap.line <= len(lines) else None
    return Problem("gap", gap.question, gap.expected, line, "" if line is None else lines[line - 1])


@contextmanager
def told(context: RunContext) -> Iterator[None]:
    """What can go wrong with a model, as the endings of a run."""
    try:
        yield
    except ModelUnavailable as error:
        raise Failed("model_unavailable", message=str(error)) from error
    except RequestRefused as error:
        raise Failed("model_request", message=str(error)) from error
    except TranscriptTaken as error:
        raise LeaseLost from error
    except AskedByModel as asked:
        raise Asked([make_problem(context, question) for question in asked.questions]) from asked
    except Ended as end:
        if end.status == "refused":
            raise ModelRefused(end.reason) from end
        raise Failed("model_stopped", status=end.status, reason=end.reason) from end


def _pace(progress: Callable[[], None]) -> Callable[[], None]:
    """Calls it at most every few seconds: each call is a request to GitHub."""
    last = monotonic()

    def call() -> None:
        nonlocal last
        if monotonic() - last >= PROGRESS_SECONDS:
            last = monotonic()
            progress()

    return call
