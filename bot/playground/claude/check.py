"""What the API says of a request before any model sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

MAX_BREAKPOINTS = 4
MAX_OUTPUT_TOKENS = 128_000


class BadRequest(Exception):
    """400, invalid_request_error."""


def check_request(body: Mapping[str, Any], signed: Mapping[str, str]) -> None:
    """Raises `BadRequest`. `signed` are the thinking blocks that were given out, by their signatures."""
    _check_schema(body)
    if body["max_tokens"] > MAX_OUTPUT_TOKENS:
        raise BadRequest(f"max_tokens: {body['max_tokens']} > {MAX_OUTPUT_TOKENS}")
    if body.get("thinking", {}).get("type") in ("disabled", "enabled"):
        raise BadRequest("thinking.type: use adaptive and output_config.effort to control thinking behavior")
    if body.get("tool_choice", {}).get("type") in ("any", "tool"):
        raise BadRequest("tool_choice: forced tool use is not supported by this model")
    _check_breakpoints(body)
    _check_messages(body["messages"])
    for block in _list_blocks(body["messages"]):
        _check_block(block, signed)


def _check_schema(body: Mapping[str, Any]) -> None:
    """Against the SDK's own types. Pydantic looks at an Iterable only when it is walked through."""
    try:
        _walk(_get_adapter().validate_python(body))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRequest(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    try:
        json.dumps(body).encode()  # a lone surrogate is no UTF-8
    except UnicodeEncodeError as error:
        raise BadRequest("the request body is not valid UTF-8") from error


def _walk(value: Any) -> None:
    if isinstance(value, Mapping):
        for item in value.values():
            _walk(item)
    elif not isinstance(value, str | int | float | bool | None):
        for item in value:
            _walk(item)


def _check_breakpoints(body: Mapping[str, Any]) -> None:
    places = [*body.get("tools", ()), *_list_system(body), *_list_blocks(body["messages"])]
    number = sum("cache_control" in block for block in places)
    if number > MAX_BREAKPOINTS:
        raise BadRequest(f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {number}.")


def _check_messages(messages: list[Mapping[str, Any]]) -> None:
    if not messages or messages[0]["role"] != "user":
        raise BadRequest("messages: the first message must use the user role")
    for number, message in enumerate(messages[1:], start=1):
        if message["role"] == messages[number - 1]["role"]:
            raise BadRequest(f"messages.{number}: roles must alternate")
    for number, message in enumerate(messages):
        before = messages[number - 1]["content"] if number else []
        asked = {block["id"] for block in _as_blocks(before) if block["type"] == "tool_use"}
        _check_results(number, _as_blocks(message["content"]), asked if message["role"] == "user" else set())
    if any(block["type"] == "tool_use" for block in _as_blocks(messages[-1]["content"])):
        raise BadRequest("messages: tool_use ids were found without tool_result blocks immediately after")


def _check_results(number: int, blocks: list[Mapping[str, Any]], asked: set[str]) -> None:
    answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    if set(answered) != asked or len(answered) != len(asked):
        raise BadRequest(f"messages.{number}: tool_result blocks {answered} do not answer tool_use ids {sorted(asked)}")
    if any(block["type"] != "tool_result" for block in blocks[: len(answered)]):
        raise BadRequest(f"messages.{number}: tool_result blocks must come first")


def _check_block(block: Mapping[str, Any], signed: Mapping[str, str]) -> None:
    if block["type"] == "text" and not block["text"]:
        raise BadRequest("messages: text content blocks must be non-empty")
    if block["type"] == "thinking" and signed.get(block["signature"]) != block["thinking"]:
        raise BadRequest("messages: thinking blocks cannot be modified")


def _list_blocks(messages: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        yield from _as_blocks(message["content"])


def _list_system(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _as_blocks(body.get("system", []))


def _as_blocks(content: Any) -> list[Mapping[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


@cache
def _get_adapter() -> TypeAdapter[Any]:
    from anthropic.types.message_create_params import MessageCreateParamsStreaming

    return TypeAdapter(MessageCreateParamsStreaming)
