"""Run a command of the shell in the repository: a formatter, a type checker, a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolResult

MAX_SECONDS = 600

DEFINITION = {
    "name": "run_command",
    "description": (
        "Runs a command of the shell (/bin/sh) in the repository's root, in a sandbox: no network, no database, a "
        "cleared environment, no .git, the project's own interpreter and packages first on PATH. Each command starts a "
        "new shell. Use it to search, to format, to check types. Tests that need the database run with run_tests."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "command": {"type": "string", "description": "the command"},
            "timeout_seconds": {"type": "integer", "description": f"at most {MAX_SECONDS}; 120 when not given"},
        },
        "required": ["command"],
        "additionalProperties": False,
    },
}


class Given(BaseModel):
    """The input."""

    command: str = Field(min_length=1, max_length=20_000)
    timeout_seconds: float = Field(120, gt=0, le=MAX_SECONDS)


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Runs it, and says how it ended and what it printed."""
    asked = Given.model_validate(given)
    done = place.run(asked.command, asked.timeout_seconds)
    end = f"exit code {done.returncode}"
    if done.exceeded is not None:
        end = "stopped at its time limit" if done.exceeded == "time" else f"stopped: too much {done.exceeded} used"
    parts = [end, done.stdout.strip(), f"stderr:\n{done.stderr.strip()}" if done.stderr.strip() else ""]
    return ToolResult("\n".join(filter(None, parts)), is_error=not done.ok)
