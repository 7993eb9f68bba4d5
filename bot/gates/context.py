"""What the gates look at: values only, so that a gate does nothing but judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.config import RepositoryConfig
from bot.implement.changeset import Changeset
from bot.migration.lint_result import LintResult
from bot.migration.old_code.meeting import OldCode
from bot.migration.proof_result import Proof
from bot.spec.model import Spec
from bot.workspace.test_run import TestReport
from bot.workspace.tree import FileChange


@dataclass(frozen=True, slots=True)
class GateContext:
    """`changes` and `patch` are those of the whole work, `proof` and `tests_after` were made after its last edit.

    `proof` is None when the spec asks nothing of the database, `lint` then too and when no revision can be loaded,
    `tests_after` when the schema could not be upgraded for them. `model_differences` says, a line each, how the models
    differ from the target. `openapi` is the document that the application gives of itself, where it can be had.
    `old_code` is None when no migration is there or proved.
    """

    spec: Spec
    changes: tuple[FileChange, ...]
    patch: str
    changeset: Changeset
    proof: Proof | None
    lint: LintResult | None
    model_differences: tuple[str, ...]
    tests_before: TestReport
    tests_after: TestReport | None
    config: RepositoryConfig
    openapi: Mapping[str, object] | None = None
    old_code: OldCode | None = None
