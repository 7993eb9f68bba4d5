"""Where the model's tools work in a run: its tree, sandbox and scratch databases, behind the policy of paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.gates.globs import find_glob
from bot.gates.paths import PROTECTED
from bot.migration.errors import MigrationError
from bot.migration.proof import prove
from bot.workspace.api_check import ApiReport
from bot.workspace.process import Completed
from bot.workspace.sandbox import DEFAULT_LIMITS
from bot.workspace.test_run import TestReport
from bot.workspace.tree import FileChange, Tree
from bot.workspace.tree_files import remove_file, write_file
from jobs.amendment import Written, write_amended
from jobs.api_check import try_api
from jobs.context import RunContext
from jobs.models_comparison import list_new_differences
from jobs.run_tests import run_tests

MAX_RESTORED_BYTES = 16 * 1024**2
EXECUTABLE = "100755"
_PASSWORD = re.compile(r"(\w+://[^:/\s@]+:)[^@\s/]+@")


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What a proof found, for a model to read."""

    ok: bool
    text: str


@dataclass
class EngineerPlace:
    """See `bot.implement.claude.place.Place`."""

    context: RunContext

    @property
    def tree(self) -> Tree:
        """The run's files."""
        return self.context.tree

    def find_objection(self, path: str) -> str | None:
        """Why no run may touch that path."""
        if find_glob(path, PROTECTED) is not None:
            return "has power over the repository"
        theirs = find_glob(path, self.context.config.protected_paths)
        if theirs is not None:
            return f"is protected by {theirs} in the repository's config"
        if self.context.target is None and self._is_revision(path):
            return "is a migration without a schema to be proved against: add to the models, then use write_migration"
        return None

    def undo_forbidden(self) -> Sequence[tuple[str, str]]:
        """Puts the files back that no run may touch."""
        found = [(change, self.find_objection(change.path)) for change in self.tree.list_changes()]
        undone = [(change, why) for change, why in found if why is not None]
        for change, _ in undone:
            self._put_back(change)
        return [(change.path, why) for change, why in undone]

    def run(self, command: str, timeout_seconds: float) -> Completed:
        """Runs the command in the sandbox."""
        limits = replace(DEFAULT_LIMITS, timeout_seconds=timeout_seconds)
        return self.context.bench.workspace.run(["/bin/sh", "-c", command], limits=limits)

    def run_tests(self, selection: Sequence[str]) -> TestReport | str:
        """Runs the tests; what they leave in the tree is no part of the change."""
        revision = None if self.context.target is None else "heads"
        patch = self.tree.patch()
        try:
            return run_tests(self.context, revision, selection)
        except MigrationError as error:
            return f"the tests were not run, because the schema cannot be brought up:\n{_explain(error)}"
        finally:
            self.restore(patch)

    def prove(self) -> ProofReport:
        """The proof, and how the models differ."""
        context, patch = self.context, self.tree.patch()
        try:
            differences = list_new_differences(context, context.outputs["schema"]["known"])
            lines = [f"the models differ: {line}" for line in differences]
            if context.target is None:
                return ProofReport(not lines, "\n".join(["The spec changes nothing in the database.", *lines]))
            proof = prove(context.bench.workspace, context.bench.runner, context.base, context.target)
        except MigrationError as error:
            return ProofReport(False, _explain(error))
        finally:
            self.restore(patch)
        steps = [f"{'holds' if step.ok else 'FAILS'}: {step.name}\n{step.detail}".rstrip() for step in proof.steps]
        return ProofReport(proof.ok and not lines, "\n".join([*steps, *lines]))

    def check_api(self) -> ApiReport:
        """What schemathesis finds; what the application left in the tree is no part of the change."""
        patch = self.tree.patch()
        try:
            return try_api(self.context)
        finally:
            self.restore(patch)

    def write_migration(self) -> Written:
        """Writes the revisions anew."""
        return write_amended(self.context, self._is_revision)

    def restore(self, patch: str) -> None:
        """Makes the files anew."""
        self.context.unfinished = patch
        self.context.reset_tree()

    def _is_revision(self, path: str) -> bool:
        project = self.context.bench.runner.project
        folders = (project.script_location, *project.version_locations)
        return any(path.startswith(f"{folder}/") for folder in map(str, folders))

    def _put_back(self, change: FileChange) -> None:
        content = self.context.mirror.read_file(self.context.base_commit, change.path, MAX_RESTORED_BYTES)
        if content is None:
            remove_file(self.tree.path, change.path)
        else:
            write_file(self.tree.path, change.path, [content], executable=change.mode == EXECUTABLE)


def make_redactor(context: RunContext) -> Callable[[str], str]:
    """Takes the bot's secrets, passwords of scratch databases and this machine's paths out of what a model reads."""
    secrets = [value for value in (*context.parts.settings.list_secrets(), context.github.token()) if value]
    place = str(context.directory / "work" / "tree")

    def redact(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "[secret]")
        return _PASSWORD.sub(r"\1***@", text.replace(f"{place}/", "").replace(place, "."))

    return redact


def _explain(error: MigrationError) -> str:
    return f"{error}\n{getattr(error, 'output', '')}".strip()
