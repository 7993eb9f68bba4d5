"""A request of the Messages API, rendered so that what was said before is byte for byte what it was: the cache's law.

The cache is that of prefixes, in the order tools, system, messages. The first message holds what is stable in a run
(spec, knowledge of the repository). Breakpoints stand after system and first message, and after the last two messages
of the user: one is read, the other is written for the next turn. Four is as many as the API takes.
https://platform.claude.com/docs/en/build-with-claude/prompt-caching
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.config import Effort

CACHE = {"type": "ephemeral"}
MOVING_BREAKPOINTS = 2


@dataclass(frozen=True, slots=True)
class Model:
    """Which model, how hard it thinks, how long an answer of it may be."""

    name: str
    effort: Effort
    output_tokens: int


def render_request(
    model: Model,
    system: str,
    tools: Sequence[Mapping[str, Any]],
    messages: Sequence[Mapping[str, Any]],
    answer_format: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The arguments of `messages.stream`. `answer_format` is the JSON schema that the answer must fit."""
    output: dict[str, Any] = {"effort": model.effort}
    if answer_format is not None:
        output["format"] = {"type": "json_schema", "schema": dict(answer_format)}
    request: dict[str, Any] = {
        "model": model.name,
        "max_tokens": model.output_tokens,
        "thinking": {"type": "adaptive", "display": "summarized"},  # in words, so that a transcript can be read
        "output_config": output,
        "system": [{"type": "text", "text": system, "cache_control": CACHE}],
        "messages": _place_breakpoints(messages),
    }
    if tools:
        request["tools"] = [dict(tool) for tool in tools]
    return request


def _place_breakpoints(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    places = [number for number, message in enumerate(messages) if message["role"] == "user"]
    marked = {*places[:1], *places[-MOVING_BREAKPOINTS:]}
    return [_mark(message) if number in marked else dict(message) for number, message in enumerate(messages)]


def _mark(message: Mapping[str, Any]) -> dict[str, Any]:
    *others, last = message["content"]
    return {**message, "content": [*others, {**last, "cache_control": CACHE}]}
