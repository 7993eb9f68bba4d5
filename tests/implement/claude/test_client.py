"""The door to the SDK, against every way in which the API fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.implement.claude.client import ClaudeClient, ModelUnavailable, RequestRefused
from bot.implement.claude.request import Model, render_request
from bot.playground.claude.script import Answer, Call, Fault
from bot.playground.claude.server import KEY, ScriptedClaude, open_claude

REQUEST = render_request(
    Model("claude-opus-5-5", "high", 4096),
    "You are.",
    [],
    [{"role": "user", "content": [{"type": "text", "text": "a long text " * 600}]}],
)
GOOD = Answer("Hello.", thinking="A greeting.")


@pytest.fixture(scope="module")
def claude() -> Iterator[ScriptedClaude]:
    with open_claude(lambda asked: GOOD) as server:
        yield server


def make_client(claude: ScriptedClaude, key: str = KEY, retries: int = 2) -> ClaudeClient:
    return ClaudeClient(key, claude.url, retries, first_pause_seconds=0.001)


def play(claude: ScriptedClaude, *answers: Answer | Fault) -> None:
    """These, one a request."""
    left = list(answers)
    claude.policy = lambda asked: left.pop(0)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(Fault(429, "rate_limit_error"), id="rate limit"),
        pytest.param(Fault(500, "api_error"), id="server error"),
        pytest.param(Fault(529, "overloaded_error"), id="overloaded"),
        pytest.param(Answer("Hello.", cut_after=0), id="cut before the first event"),
        pytest.param(Answer("Hello.", cut_after=4), id="cut in the middle"),
        pytest.param(Answer("Hello.", cut_after=4, is_rude=True), id="cut in a chunk"),
        pytest.param(Answer("Hello.", error_after=(3, "overloaded_error")), id="overloaded in the middle"),
        pytest.param(Answer(calls=(Call("a", {}, raw='{"path": nul!'),)), id="input that is no JSON"),
    ],
)
def test_what_may_pass_is_asked_again(claude: ScriptedClaude, bad: Answer | Fault) -> None:
    play(claude, bad, bad, GOOD)
    reply = make_client(claude).ask(REQUEST)
    assert (reply.stop_reason, [block["type"] for block in reply.content]) == ("end_turn", ["thinking", "text"])
    play(claude, bad, bad, bad)
    with pytest.raises(ModelUnavailable):
        make_client(claude).ask(REQUEST)


def test_what_a_broken_answer_cost_is_counted(claude: ScriptedClaude) -> None:
    play(claude, GOOD, Answer("Hello.", cut_after=4), GOOD)
    whole = make_client(claude).ask(REQUEST).usage
    assert make_client(claude).ask(REQUEST).usage.sent == 2 * whole.sent


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "invalid_request_error"), (403, "permission_error"), (404, "not_found_error"), (413, "request_too_large")],
)
def test_what_will_not_pass_is_said_at_once(claude: ScriptedClaude, status: int, kind: str) -> None:
    play(claude, Fault(status, kind, "because"), GOOD)
    with pytest.raises(RequestRefused, match=rf"{status} \(because\)"):
        make_client(claude).ask(REQUEST)


def test_a_wrong_key_is_said_without_it(claude: ScriptedClaude) -> None:
    client = make_client(claude, "sk-ant-wrong")
    with pytest.raises(RequestRefused, match="401"):
        client.ask(REQUEST)
    assert "sk-ant-wrong" not in repr(client)


def test_nobody_there(claude: ScriptedClaude) -> None:
    with pytest.raises(ModelUnavailable, match="no connection"):
        ClaudeClient(KEY, "http://127.0.0.1:9", 0).ask(REQUEST)


def test_the_doctor_can_ask_for_the_model(claude: ScriptedClaude) -> None:
    assert make_client(claude).check_model("claude-opus-5-5") == "Claude Opus 5.5"
    for key, name, says in ((KEY, "claude-3", "404"), ("sk-ant-wrong", "claude-opus-5-5", "401")):
        with pytest.raises(RequestRefused, match=says):
            make_client(claude, key).check_model(name)


class Cancelled(Exception):
    """Raised by a signal in the middle of whatever runs."""


def test_an_interruption_from_outside_is_not_taken_for_a_failure(claude: ScriptedClaude) -> None:
    import os
    import signal

    def interrupt(number: int, frame: object) -> None:
        raise Cancelled

    def policy(asked: Any) -> Answer:
        os.kill(os.getpid(), signal.SIGUSR2)
        return GOOD

    previous = signal.signal(signal.SIGUSR2, interrupt)
    try:
        claude.policy = policy
        with pytest.raises(Cancelled):
            make_client(claude).ask(REQUEST)
    finally:
        signal.signal(signal.SIGUSR2, previous)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda body: body | {"max_tokens": 10**6}, "max_tokens"),
        (lambda body: body | {"thinking": {"type": "enabled", "budget_tokens": 2000}}, "thinking.type"),
        (lambda body: body | {"tools": [{"name": "a"}]}, "input_schema"),
        (lambda body: body | {"messages": body["messages"] * 2}, "alternate"),
        (lambda body: body | {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, "non-empty"),
    ],
)
def test_the_scripted_api_takes_no_less_than_the_real_one(
    claude: ScriptedClaude, change: Callable[[dict[str, Any]], dict[str, Any]], says: str
) -> None:
    play(claude, GOOD)
    with pytest.raises(RequestRefused, match=says):
        make_client(claude).ask(change(dict(REQUEST)))
