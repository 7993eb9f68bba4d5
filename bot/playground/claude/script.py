"""What a script says: answers, and ways to fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to be used. `raw` takes the place of the input's JSON, to be malformed."""

    name: str
    given: Mapping[str, Any]
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the model. `stop_reason` follows from the calls when it is not given.

    `cut_after` ends the connection after that many events, politely or, with `is_rude`, in the middle of a chunk;
    `error_after` sends an event of that error type instead; `held_after` stands still until the server's `let_go`.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    thinking: str = ""
    stop_reason: str | None = None
    explanation: str = ""
    cut_after: int | None = None
    is_rude: bool = False
    error_after: tuple[int, str] | None = None
    held_after: int | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer, but an error: https://platform.claude.com/docs/en/api/errors."""

    status: int
    type: str
    message: str = "on order"
    headers: Mapping[str, str] = field(default_factory=lambda: {"retry-after-ms": "5"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as a policy sees it."""

    body: Mapping[str, Any]

    @property
    def stage(self) -> str:
        """Which stage of the engineer asks, by what it asks for."""
        fields = self.body["output_config"].get("format", {}).get("schema", {}).get("properties", {})
        stages = {"gaps": "analyse", "files": "plan", "defects": "review"}
        return next((stage for name, stage in stages.items() if name in fields), "implement")

    @property
    def turn(self) -> int:
        """How many answers there are in this conversation."""
        return sum(message["role"] == "assistant" for message in self.body["messages"])

    @property
    def last(self) -> str:
        """All that the last message says, results of tools too."""
        return "\n".join(read_texts(self.body["messages"][-1]["content"]))

    @property
    def everything(self) -> str:
        """All that the conversation says."""
        return "\n".join(text for message in self.body["messages"] for text in read_texts(message["content"]))


Policy = Callable[[Asked], "Answer | Fault"]


def use(name: str, **given: Any) -> Answer:
    """An answer that uses one tool."""
    return Answer(calls=(Call(name, given),))


def edit(command: str, path: str, **given: Any) -> Answer:
    """An answer that uses the text editor."""
    return use("str_replace_based_edit_tool", command=command, path=path, **given)


def read_texts(content: Any) -> list[str]:
    """The texts of a content, however deep."""
    if isinstance(content, str):
        return [content]
    texts = []
    for block in content:
        texts += [block["text"]] if block["type"] == "text" else []
        texts += read_texts(block["content"]) if block["type"] == "tool_result" else []
    return texts
