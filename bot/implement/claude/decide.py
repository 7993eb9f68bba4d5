"""What comes next in a conversation, by its lines alone: whoever reads them comes to the same answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.store import Entry

MAX_REMINDERS = 3
ENDS = {"refusal": "refused", "model_context_window_exceeded": "out of budget"}
WORDS = {
    "refusal": "the model gave no reason",
    "model_context_window_exceeded": "the model can hold no more of the conversation",
}
CUT_OFF = "This call was cut off at the limit of one answer, so it was not run. Send it again in smaller parts."
GO_ON = "Your answer was cut off at its limit. Go on where it ended, in smaller parts."
REMINDER = "Nothing is waiting for you: go on with the work, or call finish or ask."


@dataclass(frozen=True, slots=True)
class AskModel:
    """The model is to answer."""


@dataclass(frozen=True, slots=True)
class UseTool:
    """A tool is to be run, as the block says."""

    call: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refuse:
    """A tool's call is answered with these words, and not run."""

    call: Mapping[str, Any]
    words: str


@dataclass(frozen=True, slots=True)
class Say:
    """The model is told something."""

    words: str


@dataclass(frozen=True, slots=True)
class Done:
    """The conversation has led to its end: `ending` of a tool, or the text of an answer without tools."""

    ending: Mapping[str, Any] | None
    text: str


@dataclass(frozen=True, slots=True)
class Stop:
    """It cannot go on: `status` names the end, `reason` says why."""

    status: str
    reason: str


Action = AskModel | UseTool | Refuse | Say | Done | Stop


def decide(entries: Sequence[Entry], has_tools: bool) -> Action:
    """What comes after these lines of one conversation, of which there is at least one."""
    replies = [number for number, entry in enumerate(entries) if entry.kind == "reply"]
    if entries[-1].kind == "prompt" or not replies:
        return AskModel()
    reply, results = entries[replies[-1]].content, [entry.content for entry in entries[replies[-1] + 1 :]]
    stop = reply["stop_reason"]
    if stop in ENDS:
        return Stop(ENDS[stop], reply["explanation"] or WORDS[stop])
    calls = [block for block in reply["content"] if block["type"] == "tool_use"]
    if calls:
        return _decide_on_calls(calls, results, stop)
    if stop in ("pause_turn", "max_tokens"):
        return AskModel() if stop == "pause_turn" else Say(GO_ON)
    return _decide_on_silence(entries) if has_tools else Done(None, read_text(reply))


def read_text(reply: Mapping[str, Any]) -> str:
    """The text of an answer, without what the model thought."""
    return "".join(block["text"] for block in reply["content"] if block["type"] == "text")


def _decide_on_calls(calls: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]], stop: str) -> Action:
    answered = {result["tool_use_id"] for result in results}
    waiting = [call for call in calls if call["id"] not in answered]
    if waiting:
        # The input of a call that was cut off may be half of what was meant.
        return Refuse(waiting[0], CUT_OFF) if stop == "max_tokens" else UseTool(waiting[0])
    ending = next((result["ending"] for result in results if result.get("ending")), None)
    return AskModel() if ending is None else Done(ending, "")


def _decide_on_silence(entries: Sequence[Entry]) -> Action:
    """The model ended its turn without a tool: it is told that it is still its turn, a few times."""
    told = 0
    for entry in reversed(entries):
        if entry.kind == "result":
            break
        told += entry.kind == "prompt" and entry.content["text"] == REMINDER
    if told >= MAX_REMINDERS:
        return Stop("failed", f"the model was reminded {MAX_REMINDERS} times and still called no tool")
    return Say(REMINDER)
