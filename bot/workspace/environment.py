"""The environment of a repository: its dependencies, installed in the sandbox and kept by what they depend on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.workspace.interpreter import find_interpreter_paths


class EnvironmentFailed(Exception):
    """The dependencies could not be installed; `output` is the end of what the installer said."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(f"{message}\n{output}".strip())
        self.output = output


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment; `python` is its interpreter, `root` its folder, `key` tells what it was built from."""

    python: Path
    root: Path
    key: str

    @property
    def interpreter_paths(self) -> tuple[Path, ...]:
        """What a sandbox must mount besides `root`."""
        return find_interpreter_paths(self.python)
