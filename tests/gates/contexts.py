"""Contexts for gates, each value that a test does not name being harmless."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.config import RepositoryConfig
from bot.gates.context import GateContext
from bot.implement.changeset import Changeset
from bot.migration.proof_result import Proof, ProofStep
from bot.spec.model import DataModel, Spec, TableSpec
from bot.workspace.test_run import TestCase, TestReport
from bot.workspace.tree import FileChange

WITH_TABLES = Spec("t", "", "", data_model=DataModel(tables=(TableSpec("a", 1),)))


def make_context(**changes: object) -> GateContext:
    context = GateContext(
        spec=Spec("t", "", ""),
        changes=(),
        patch="",
        changeset=Changeset(),
        proof=None,
        lint=None,
        model_differences=(),
        tests_before=make_tests(a="passed"),
        tests_after=make_tests(a="passed"),
        config=RepositoryConfig(),
    )
    return replace(context, **changes)  # type: ignore[arg-type]  # fields of a context


def make_tests(
    returncode: int | None = None, command: str = "pytest", timed_out: bool = False, **outcomes: str
) -> TestReport:
    cases = tuple(TestCase(f"t.py::{name}", outcome, 0.1, f"why {name}") for name, outcome in outcomes.items())  # type: ignore[arg-type]
    bad = any(case.outcome in ("failed", "error") for case in cases)
    return TestReport(cases, int(bad) if returncode is None else returncode, "", command, timed_out)


def make_proof(**changes: object) -> Proof:
    steps = tuple(
        ProofStep(name, True, 0.1) for name in ("rows", "upgrade", "downgrade", "start restored", "upgrade again")
    )
    proof = Proof("b", ("r",), steps, (), (), (), (), {"a": 3}, (), "", "", "PostgreSQL 18.1")
    return replace(proof, **changes)  # type: ignore[arg-type]  # fields of a proof


def make_change(
    path: str, kind: str = "added", size_bytes: int = 10, is_binary: bool = False, mode: str = "100644"
) -> FileChange:
    return FileChange(path, kind, size_bytes, is_binary, mode)  # type: ignore[arg-type]


def make_patch(
    directory: Path, before: Mapping[str, bytes], after: Mapping[str, bytes], *, executable: str = ""
) -> str:
    """The patch that git itself makes of these files."""
    directory.mkdir(parents=True, exist_ok=True)
    git = ["git", "-C", str(directory), "-c", "user.name=t", "-c", "user.email=t@t", "-c", "core.hooksPath=/dev/null"]
    subprocess.run([*git, "init", "-q"], check=True)
    _write(directory, before)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    for name in before.keys() - after.keys():
        (directory / name).unlink()
    _write(directory, after)
    if executable:
        (directory / executable).chmod(0o755)
    subprocess.run([*git, "add", "-A"], check=True)
    diff = ["diff", "--cached", "--binary", "--full-index", "--no-renames", "--no-color"]
    return subprocess.run([*git, *diff], check=True, capture_output=True).stdout.decode()


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(content)
