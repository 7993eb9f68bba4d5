"""A conversation with the model: ask, keep the answer, run its tools one by one, keep each result, ask again.

Each line of the transcript is stored before anything follows from it, and what follows is decided by the lines alone.
So a worker that dies goes on from them, on any machine: no answer is paid for twice, and a tool that was not done is
done on the files as they were before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from bot.implement.claude.budget import Limits, count_spent, find_excess
from bot.implement.claude.client import Reply
from bot.implement.claude.decide import AskModel, Done, Refuse, Say, Stop, UseTool, decide
from bot.implement.claude.place import Place
from bot.implement.claude.request import Model, render_request
from bot.implement.claude.spans import describe_call, describe_talk, describe_turn, note_reply
from bot.implement.claude.tools import get_tools, run_tool
from bot.implement.claude.tools.bounds import cut_middle
from bot.implement.claude.transcript import Transcript
from bot.implement.claude.usage import to_json
from bot.store import Entry
from bot.tracing import span
from bot.workspace.git_errors import GitError

FULL_CHARACTERS = 1_000_000  # of a result that was cut, kept for people


class Asker(Protocol):
    """Whoever answers a request: `ClaudeClient`."""

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """The answer. Raises `ModelError`."""
        ...


class Ended(Exception):
    """The conversation cannot go on: `status` is a named end, `reason` says why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Desk:
    """What every conversation of a run shares. `redact` takes secrets out, `progress` is called after each answer."""

    client: Asker
    model: Model
    limits: Limits
    transcript: Transcript
    redact: Callable[[str], str]
    progress: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: its name, its system prompt, and where its tools work (None: it has none).

    `answer_format` is the JSON schema of the answer of a conversation without tools.
    """

    name: str
    system: str
    place: Place | None = None
    answer_format: Mapping[str, Any] | None = None


def converse(desk: Desk, talk: Talk, key: str, prompt: Sequence[str]) -> Done:
    """Tells the model the prompt, unless the line of that `key` is there, and goes on until it is done.

    `prompt` are blocks of text; the first of a conversation's first prompt is what stays the same in a run. Raises
    `Ended`, and `ModelError` when the API gives no answer.
    """
    if not any(entry.content.get("key") == key for entry in desk.transcript.list_conversation(talk.name)):
        _say(desk, talk, key, prompt)
    with span(f"invoke_agent {talk.name}", describe_talk(talk.name, desk.transcript.run_id, desk.model), calm=(Ended,)):
        return _go_on(desk, talk, key)


def render_messages(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The lines of one conversation as messages, the user's and the model's by turns."""
    messages: list[dict[str, Any]] = []
    for entry in entries:
        role, blocks = _render_entry(entry)
        if not blocks:
            continue
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"].extend(blocks)
        else:
            messages.append({"role": role, "content": list(blocks)})
    return messages


def _go_on(desk: Desk, talk: Talk, key: str) -> Done:
    while True:
        action = decide(_list_lines(desk, talk, key), talk.place is not None)
        match action:
            case Done():
                return action
            case Stop(status, reason):
                raise Ended(status, reason)
            case AskModel():
                _ask(desk, talk)
            case Say(words):
                _say(desk, talk, "", [words])
            case Refuse(call, words):
                _note(desk, talk, call, {"text": words, "is_error": True})
            case UseTool(call):
                _use(desk, talk, call)


def _list_lines(desk: Desk, talk: Talk, key: str) -> list[Entry]:
    """The lines up to the prompt that came after the one of that key: what is over is not decided anew."""
    lines = desk.transcript.list_conversation(talk.name)
    prompts = [number for number, entry in enumerate(lines) if entry.content.get("key")]
    own = next(number for number in prompts if lines[number].content["key"] == key)
    later = next((number for number in prompts if number > own), None)
    return lines[:later]


def _render_entry(entry: Entry) -> tuple[str, list[dict[str, Any]]]:
    content = entry.content
    if entry.kind == "reply":
        return "assistant", list(content["content"])
    if entry.kind == "result":
        result = {"type": "tool_result", "tool_use_id": content["tool_use_id"], "is_error": content["is_error"]}
        return "user", [{**result, "content": [{"type": "text", "text": content["text"] or "(nothing)"}]}]
    return "user", [{"type": "text", "text": text} for text in (*content["context"], content["text"])]


def _say(desk: Desk, talk: Talk, key: str, prompt: Sequence[str]) -> None:
    *context, text = (_clean(desk.redact(part)) for part in prompt)
    desk.transcript.add(talk.name, "prompt", {"key": key, "context": context, "text": text})


def _ask(desk: Desk, talk: Talk) -> None:
    excess = find_excess(desk.limits, count_spent(desk.transcript.entries))
    if excess is not None:
        raise Ended(*excess)
    tools = () if talk.place is None else [tool.DEFINITION for tool in get_tools().values()]
    messages = render_messages(desk.transcript.list_conversation(talk.name))
    request = render_request(desk.model, talk.system, tools, messages, talk.answer_format)
    started = monotonic()
    with span(f"turn {talk.name}", describe_turn(talk.name, desk.transcript.run_id, desk.model)) as opened:
        reply = desk.client.ask(request)
        note_reply(opened, reply, desk.model)
    content = {
        "content": list(reply.content),
        "stop_reason": reply.stop_reason,
        "usage": to_json(reply.usage),
        "model": desk.model.name,
        "explanation": reply.explanation,
    }
    desk.transcript.add(talk.name, "reply", content, monotonic() - started)
    desk.progress()


def _use(desk: Desk, talk: Talk, call: Mapping[str, Any]) -> None:
    assert talk.place is not None  # noqa: S101 (a conversation without a place has no tools to call)
    started = monotonic()
    with span("execute_tool", describe_call(call, get_tools())) as opened:
        result = run_tool(talk.place, call["name"], call["input"])
        notes, changed = _look_after_files(desk, talk.place)
        if result.is_error:
            opened.set_attribute("error.type", "tool_error")
    text = _clean(desk.redact("\n".join([result.text, *notes])))
    shown = cut_middle(text, result.limit_characters)
    content: dict[str, Any] = {"text": shown, "is_error": result.is_error, **changed}
    if result.ending is not None and not notes:
        content["ending"] = {"kind": result.ending.kind, **result.ending.content}
    if result.kept is not None:
        content["kept"] = dict(result.kept)
    if shown != text:
        content["full"] = text[:FULL_CHARACTERS]
    _note(desk, talk, call, content, monotonic() - started)


def _clean(text: str) -> str:
    """What no JSON of Postgres and no request can hold is replaced: NUL, and halves of a pair of surrogates."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _note(
    desk: Desk, talk: Talk, call: Mapping[str, Any], content: dict[str, Any], duration_seconds: float = 0.0
) -> None:
    about = {"tool_use_id": call["id"], "tool": call["name"]}
    desk.transcript.add(talk.name, "result", {**about, **content}, duration_seconds)


def _look_after_files(desk: Desk, place: Place) -> tuple[list[str], dict[str, str]]:
    """What a tool did to files that no run may touch is undone; what it did to the others is kept as a patch."""
    before = desk.transcript.find_patch()
    try:
        undone = place.undo_forbidden()
        patch = place.tree.patch()
    except GitError as error:
        place.restore(before or "")
        return [f"all that this did to files was undone: {error}"], {}
    notes = [f"{path} {why}: no run may touch it, so what this did to it was undone" for path, why in undone]
    return notes, {} if patch == (before or "") else {"patch": patch}
