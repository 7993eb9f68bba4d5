"""A program that is kept to answer: what it says, and what becomes of one that says nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.workspace.conversation import Conversation, NoAnswer
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.sandbox import Sandbox, SandboxUnavailable

PYTHON = Path(sys.executable).resolve()
ECHO = "import socket, time; s = socket.socket(fileno=0)\nfor line in s.makefile('rb'): {}"
Converse = Callable[[str], Conversation]


@pytest.fixture
def converse(sandbox: Sandbox, tmp_path: Path) -> Iterator[Converse]:
    """Begins a conversation with a Python program that handles each `line` that it is sent over `s`."""
    begun: list[Conversation] = []

    def begin(handle: str) -> Conversation:
        argv = [str(PYTHON), "-c", ECHO.format(handle)]
        mounts = {"writable": [tmp_path], "readable": find_interpreter_paths(PYTHON)}
        begun.append(Conversation(lambda tether: sandbox.run(argv, cwd=tmp_path, tether=tether, **mounts)))
        return begun[-1]

    yield begin
    for conversation in begun:
        conversation.end()


def ask(conversation: Conversation, text: str, seconds: float = 30) -> str:
    return conversation.ask(text.encode(), timeout_seconds=seconds, max_bytes=1000).decode()


def test_one_program_answers_until_it_is_let_go(converse: Converse) -> None:
    conversation = converse("s.sendall(line.upper())")
    assert [ask(conversation, word) for word in ("one", "two")] == ["ONE\n", "TWO\n"]
    assert conversation.end().ok
    with pytest.raises(NoAnswer):
        ask(conversation, "three")


@pytest.mark.parametrize(
    ("handle", "returncode"),
    [("raise SystemExit(3)", 3), ("s.sendall(b'x' * 5000)", 0), ("s.sendall(b'no end'); break", 0)],
)
def test_a_program_that_does_not_answer_is_over(converse: Converse, handle: str, returncode: int) -> None:
    with pytest.raises(NoAnswer) as caught:
        ask(converse(handle), "what?")
    assert caught.value.completed.returncode == returncode


def test_one_that_takes_too_long_is_ended(converse: Converse) -> None:
    conversation, started = converse("time.sleep(1000)"), time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        ask(conversation, "what?", seconds=0.5)
    assert caught.value.completed.timed_out
    assert caught.value.completed.exceeded == "stop"
    assert caught.value.completed.duration_seconds < time.monotonic() - started


def test_what_keeps_the_program_from_starting_is_raised(tmp_path: Path) -> None:
    def refuse(_: object) -> None:
        raise SandboxUnavailable("no bwrap")

    conversation = Conversation(refuse)  # type: ignore[arg-type]
    with pytest.raises(SandboxUnavailable, match="no bwrap"):
        ask(conversation, "what?")
