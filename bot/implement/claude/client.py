"""The one door to the anthropic SDK: a request goes out, an answer comes back whole, or an error that says what to do.

The SDK sends again what fails before an answer begins (status 408, 409, 429, 5xx, no connection), with the pauses that
the API asks for. An answer that breaks off in the middle it hands on, so that is sent again here. The SDK's tool runner
is not used: it keeps the conversation in memory and runs tools between two answers, while a run of ours must be able to
go on from the store after every single line.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.implement.claude.usage import Usage

if TYPE_CHECKING:
    import anthropic
    from anthropic.types import Message

REQUEST_TIMEOUT_SECONDS = 600.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
# Of an error event in the middle of an answer, whose HTTP status is 200 (https://docs.claude.com/en/api/errors).
PASSING = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})


class ModelError(Exception):
    """The API gives no answer; the message says why, in words for people."""


class ModelUnavailable(ModelError):
    """It failed each time it was asked; later it may not."""


class RequestRefused(ModelError):
    """The API does not take this request, key or model: asking again is of no use."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `content` are the blocks as they must be sent back, `explanation` says why the model refused.

    `usage` counts the attempts that broke off, too.
    """

    content: tuple[dict[str, Any], ...]
    stop_reason: str
    usage: Usage
    model: str
    explanation: str = ""


@dataclass
class ClaudeClient:
    """The Messages API at `base_url`. `retries` is how often a request is sent again."""

    api_key: str = field(repr=False)
    base_url: str
    retries: int = 5
    first_pause_seconds: float = FIRST_PAUSE_SECONDS

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """The model's answer. Raises `ModelUnavailable` when every attempt failed, else `RequestRefused`."""
        wasted = Usage()
        for attempt in range(self.retries + 1):
            try:
                reply = self._try(request)
            except _BrokenOff as error:
                wasted += error.usage
                if attempt == self.retries:
                    raise ModelUnavailable(f"its answer broke off {attempt + 1} times, last with: {error}") from error
                time.sleep(min(self.first_pause_seconds * 2**attempt, LONGEST_PAUSE_SECONDS))
            else:
                return replace(reply, usage=reply.usage + wasted)
        raise AssertionError("not reached")

    def check_model(self, name: str) -> str:
        """What the API calls that model: key, address and name are right. Raises as `ask` does. Costs nothing."""
        import anthropic

        try:
            found = self._sdk.models.retrieve(name)
        except anthropic.APIStatusError as error:
            raise _explain(error, Usage()) from error
        except anthropic.APIConnectionError as error:
            raise ModelUnavailable(f"no connection to {self.base_url}: {error}") from error
        if found.lifecycle == "retired":
            raise RequestRefused(f"the model {name} is retired")
        return found.display_name

    @cached_property
    def _sdk(self) -> anthropic.Anthropic:
        import anthropic

        return anthropic.Anthropic(
            api_key=self.api_key, base_url=self.base_url, max_retries=self.retries, timeout=REQUEST_TIMEOUT_SECONDS
        )

    def _try(self, request: Mapping[str, Any]) -> Reply:
        import anthropic
        import httpx2

        usage, message = Usage(), None
        try:
            with self._sdk.messages.stream(**request) as stream:
                for event in stream:
                    if event.type == "message_start":
                        usage, message = _read_usage(event.message), event.message
                # Of a stream without any event the SDK has no message, and says so by an assertion.
                message = None if message is None else stream.get_final_message()
        except anthropic.APIStatusError as error:
            raise _explain(error, usage) from error
        except anthropic.APIConnectionError as error:
            raise _find_foreign(error) or ModelUnavailable(f"no connection to {self.base_url}: {error}") from error
        except (httpx2.HTTPError, ValueError) as error:  # ValueError: the JSON of a tool's input is none
            raise _BrokenOff(str(error) or type(error).__name__, usage) from error
        if message is None or message.stop_reason is None:  # the connection was closed before the end, and politely
            raise _BrokenOff("the connection was closed", usage)
        return _make_reply(message)


class _BrokenOff(Exception):
    """An answer that ended in the middle; `usage` is what it had cost by then."""

    def __init__(self, message: str, usage: Usage) -> None:
        super().__init__(message)
        self.usage = usage


def _make_reply(message: Message) -> Reply:
    # What the SDK parsed by itself is no part of the wire format.
    blocks = (block.to_dict(mode="json") for block in message.content)
    content = tuple({key: value for key, value in block.items() if key != "parsed_output"} for block in blocks)
    details = message.stop_details
    explanation = "" if details is None else str(details.explanation or details.category or "")
    return Reply(content, str(message.stop_reason), _read_usage(message), str(message.model), explanation)


def _read_usage(message: Message) -> Usage:
    usage = message.usage
    return Usage(
        usage.input_tokens,
        usage.cache_creation_input_tokens or 0,
        usage.cache_read_input_tokens or 0,
        usage.output_tokens,
    )


def _explain(error: anthropic.APIStatusError, usage: Usage) -> Exception:
    words = error.api_message or str(error)
    if error.status_code < 400:  # an error event in the middle of the stream
        return _BrokenOff(words, usage) if error.type in PASSING else RequestRefused(words)
    if error.status_code in (408, 409, 429) or error.status_code >= 500:
        return ModelUnavailable(f"it answers {error.status_code} ({words})")
    return RequestRefused(f"it answers {error.status_code} ({words})")


def _find_foreign(error: BaseException) -> Exception | None:
    """What came from outside, and not from the connection: the SDK wraps a signal's exception as if it had failed."""
    import httpx2

    cause = error.__cause__
    is_foreign = isinstance(cause, Exception) and not isinstance(cause, httpx2.HTTPError | OSError)
    return cause if is_foreign else None  # type: ignore[return-value]  # narrowed by the line above


def transform_schema(answer: type[Any]) -> dict[str, Any]:
    """The JSON schema of a pydantic model, in the part of the language that the API takes."""
    import anthropic

    return anthropic.transform_schema(answer)
