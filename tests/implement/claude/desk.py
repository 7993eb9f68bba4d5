"""A desk for tests: a real store, the scripted API over HTTP, and a place whose files are real."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.implement.claude.budget import Limits
from bot.implement.claude.client import ClaudeClient
from bot.implement.claude.conversation import Desk
from bot.implement.claude.request import Model
from bot.implement.claude.tools.result import ToolError
from bot.implement.claude.transcript import Transcript
from bot.playground.claude.script import Policy
from bot.playground.claude.server import KEY, ScriptedClaude, open_claude
from bot.store import Store
from bot.store.upgrade import upgrade
from bot.workspace.process import Completed, run_process
from bot.workspace.process import Limits as ProcessLimits
from bot.workspace.test_run import TestReport
from bot.workspace.tree import Tree
from tests.store.runs import make_run
from tests.workspace.trees import open_tree

WIDE = Limits(turns=100, minutes=60, tokens=10_000_000, cost_usd=50)
MODEL = Model("claude-opus-5-5", "high", 32_000)


@dataclass(frozen=True)
class Proof:
    """A proof that holds or not."""

    ok: bool = True
    text: str = "holds: upgrade"


@dataclass
class Folder:
    """A place without a sandbox: commands run on a tree of a repository of our own."""

    tree: Tree
    reports: list[TestReport | str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def find_objection(self, path: str) -> str | None:
        return "has power over the repository" if path.startswith(".github/") else None

    def undo_forbidden(self) -> Sequence[tuple[str, str]]:
        return [(c.path, "has power") for c in self.tree.list_changes() if self.find_objection(c.path)]

    def run(self, command: str, timeout_seconds: float) -> Completed:
        self.commands.append(command)
        limits = ProcessLimits(timeout_seconds=timeout_seconds)
        return run_process(["/bin/sh", "-c", command], env={}, limits=limits, cwd=self.tree.path)

    def run_tests(self, selection: Sequence[str]) -> TestReport | str:
        return self.reports.pop(0)

    def prove(self) -> Proof:
        return Proof()

    def check_api(self) -> Any:
        raise ToolError("there is no application")

    def write_migration(self) -> Any:
        raise ToolError("there are no models")

    def restore(self, patch: str) -> None:
        self.tree.close()
        self.tree = Tree.open(self.tree.mirror, self.tree.base_commit, self.tree.path)
        self.tree.apply(patch)


@dataclass
class Bench:
    """All of it: `make_desk` gives a new desk each time, as a worker that begins again would have."""

    root: Path
    store: Store
    claude: ScriptedClaude
    place: Folder
    run_id: int
    limits: Limits = WIDE

    def make_desk(self, store: Store | None = None, **changes: Any) -> Desk:
        client = ClaudeClient(KEY, self.claude.url, retries=2, first_pause_seconds=0.001)
        transcript = Transcript.open(store or self.store, self.run_id)
        return Desk(client, MODEL, self.limits, transcript, changes.pop("redact", str), **changes)


@contextmanager
def open_bench(root: Path, policy: Policy, files: dict[str, str] | None = None) -> Iterator[Bench]:
    """A run that is about to ask the model, which answers as the policy says."""
    store = Store(f"sqlite:///{root / 'store.db'}")
    upgrade(store.engine)
    _, tree = open_tree(root, "files", {name: text.encode() for name, text in (files or FILES).items()})
    with open_claude(policy) as claude:
        yield Bench(root, store, claude, Folder(tree), make_run(store))
    tree.close()
    store.close()


FILES = {"app.py": "VALUE = 1\n", ".github/workflows/ci.yml": "on: push\n", "docs/a.md": "# A\n"}
