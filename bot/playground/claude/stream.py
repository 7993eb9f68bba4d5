"""An answer as server-sent events: https://platform.claude.com/docs/en/build-with-claude/streaming."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.playground.claude.cache import BYTES_PER_TOKEN, Counted
from bot.playground.claude.script import Answer, Call

CHUNK_CHARACTERS = 400


def render_events(
    answer: Answer, message_id: str, model: str, counted: Counted
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events by name, from message_start to message_stop."""
    usage = {
        "input_tokens": counted.input,
        "cache_creation_input_tokens": counted.cache_write,
        "cache_read_input_tokens": counted.cache_read,
        "output_tokens": 1,
    }
    message = {"id": message_id, "type": "message", "role": "assistant", "model": model, "content": []}
    yield "message_start", {"message": {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}}
    yield "ping", {}
    for index, (start, deltas) in enumerate(_list_blocks(answer, message_id)):
        yield "content_block_start", {"index": index, "content_block": start}
        for delta in deltas:
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    stop = answer.stop_reason or ("tool_use" if answer.calls else "end_turn")
    end: dict[str, Any] = {"stop_reason": stop, "stop_sequence": None}
    if stop == "refusal":
        end["stop_details"] = {"type": "refusal", "category": None, "explanation": answer.explanation}
    yield "message_delta", {"delta": end, "usage": {"output_tokens": count_output(answer)}}
    yield "message_stop", {}


def render_event(name: str, content: dict[str, Any]) -> bytes:
    """One event on the wire."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **content})}\n\n".encode()


def count_output(answer: Answer) -> int:
    """Tokens of the answer."""
    texts = [answer.text, answer.thinking, *(_render_input(call) for call in answer.calls)]
    return max(1, sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN)


def make_signature(message_id: str) -> str:
    """The signature of the thinking in that message."""
    return f"signed-{message_id}"


def _list_blocks(answer: Answer, message_id: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each block as it starts, and what is added to it."""
    if answer.thinking:
        deltas = [{"type": "thinking_delta", "thinking": part} for part in _cut(answer.thinking)]
        signed = {"type": "signature_delta", "signature": make_signature(message_id)}
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*deltas, signed]
    if answer.text:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": part} for part in _cut(answer.text)]
    for number, call in enumerate(answer.calls):
        start = {"type": "tool_use", "id": f"toolu_{message_id[4:]}_{number}", "name": call.name, "input": {}}
        yield start, [{"type": "input_json_delta", "partial_json": part} for part in _cut(_render_input(call))]


def _render_input(call: Call) -> str:
    return json.dumps(call.given) if call.raw is None else call.raw


def _cut(text: str) -> list[str]:
    return [text[start : start + CHUNK_CHARACTERS] for start in range(0, len(text), CHUNK_CHARACTERS)]
