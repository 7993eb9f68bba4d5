"""What a tool gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.implement.claude.tools.bounds import CHARACTERS


@dataclass(frozen=True, slots=True)
class Ending:
    """The tool ends the conversation: the work is finished, or a question must be answered first."""

    kind: Literal["finished", "asked"]
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`text` is for the model, at its full length; at most `limit_characters` of it are shown.

    `kept` is what the place must know of it later, on any machine: the last one counts.
    """

    text: str
    is_error: bool = False
    ending: Ending | None = None
    kept: Mapping[str, Any] | None = None
    limit_characters: int = CHARACTERS


class ToolError(Exception):
    """The tool cannot do what is asked; the message is for the model."""
