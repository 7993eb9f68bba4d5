"""Where the model's tools work: what a job must give them. None of it has a secret or reaches GitHub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from bot.workspace.api_check import ApiReport
from bot.workspace.process import Completed
from bot.workspace.test_run import TestReport
from bot.workspace.tree import Tree


class Place(Protocol):
    """The run's files, and what can be done with them in the sandbox."""

    @property
    def tree(self) -> Tree:
        """The files."""

    def find_objection(self, path: str) -> str | None:
        """Why no run may touch that path ("is protected by …"); None when it may."""

    def undo_forbidden(self) -> Sequence[tuple[str, str]]:
        """Makes the files that no run may touch as they were: path and objection of each that was not. `GitError`."""

    def run(self, command: str, timeout_seconds: float) -> Completed:
        """Runs a command of the shell in the sandbox, without a network."""

    def run_tests(self, selection: Sequence[str]) -> TestReport | str:
        """The repository's tests, or those that are named, on a database at the newest revision; else why not."""

    def prove(self) -> ProofReport:
        """The proof of the migration as it stands now."""

    def check_api(self) -> ApiReport:
        """What generated requests find in the application's API. Raises `ToolError` when there is nothing to try."""

    def write_migration(self) -> Written:
        """Writes the revisions anew from the models. Raises `ToolError` when these do more than add to the target."""

    def restore(self, patch: str) -> None:
        """Makes the files anew: the base commit's, with the patch."""


class Written(Protocol):
    """Revisions that were written."""

    @property
    def files(self) -> Sequence[str]:
        """Their paths."""

    @property
    def additions(self) -> Sequence[str]:
        """What the schema has now beyond the spec's data model, in words."""

    @property
    def kept(self) -> Mapping[str, Any]:
        """What a worker that goes on must know of it, as JSON."""


class ProofReport(Protocol):
    """What a proof found, for a model to read."""

    @property
    def ok(self) -> bool:
        """Whether it holds and the models agree."""

    @property
    def text(self) -> str:
        """Step by step."""
