"""Runs a repository's tests in its workspace and tells what each of them did."""

from __future__ import annotations

import shlex
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.workspace.databases import Database
from bot.workspace.junit import SCHEMA_PROPERTY, BadReport, TestCase, read_junit
from bot.workspace.process import Completed
from bot.workspace.workspace import Workspace

__all__ = ["SCHEMA_PROPERTY", "TestCase", "TestReport", "from_json", "run_tests", "to_json"]

DEFAULT_COMMAND = "python -m pytest"
NO_TESTS_FOUND = 5  # https://docs.pytest.org/en/stable/reference/exit-codes.html
MAX_OUTPUT_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class TestReport:
    """What a run of the tests gave. Of a command that is not pytest there are no cases, only the exit code."""

    __test__ = False  # pytest would collect a class of this name

    cases: tuple[TestCase, ...]
    returncode: int
    output: str
    command: str
    timed_out: bool = False

    @property
    def passed(self) -> int:
        """How many tests passed."""
        return self._count("passed")

    @property
    def failed(self) -> int:
        """How many failed, or could not be set up, torn down or collected."""
        return self._count("failed") + self._count("error")

    @property
    def skipped(self) -> int:
        """How many were skipped."""
        return self._count("skipped")

    @property
    def ok(self) -> bool:
        """Whether the command ended well and no test failed."""
        return self.returncode == 0 and not self.timed_out and self.failed == 0

    @property
    def found_none(self) -> bool:
        """Whether pytest ran and found no test."""
        return self.returncode == NO_TESTS_FOUND and not self.cases

    @property
    def lacks_pytest(self) -> bool:
        """Whether the tests could not even begin, because pytest is not among what the repository installs."""
        return self.returncode != 0 and not self.cases and "No module named pytest" in self.output

    def _count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)


def run_tests(
    workspace: Workspace, database: Database | None, env: Mapping[str, str], *, readable: Sequence[Path] = ()
) -> TestReport:
    """Run the test command of the repository's config, else pytest, with `env` added to the environment.

    `readable` are further files and folders that the tests see. Never raises for what the tests do; raises
    `SandboxUnavailable`.
    """
    command = workspace.config.test or DEFAULT_COMMAND
    report = workspace.scratch_dir / f"junit-{uuid.uuid4().hex}.xml"
    given = env.get("PYTEST_ADDOPTS") or workspace.config.env.get("PYTEST_ADDOPTS", "")
    options = f"-o junit_family=xunit1 --junitxml={shlex.quote(str(report))}"
    try:
        env = {**env, "PYTEST_ADDOPTS": f"{given} {options}".strip()}
        completed = workspace.run(["/bin/sh", "-c", command], database, env=env, readable=readable)
        return _make_report(command, completed, report, workspace.tree.path)
    finally:
        _remove(report)


def to_json(report: TestReport) -> dict[str, Any]:
    """The report as JSON values."""
    return asdict(report) | {"cases": [asdict(case) for case in report.cases]}


def from_json(content: Mapping[str, Any]) -> TestReport:
    """The report that `to_json` gave."""
    cases = tuple(TestCase(**{**case, "schemas": tuple(case.get("schemas", ()))}) for case in content["cases"])
    return TestReport(**{**content, "cases": cases})


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except IsADirectoryError:  # the tests could put anything there
        shutil.rmtree(path, ignore_errors=True)


def _make_report(command: str, completed: Completed, path: Path, tree: Path) -> TestReport:
    output = f"{completed.stdout}\n{completed.stderr}".strip()
    if completed.exceeded not in (None, "time"):
        output += f"\nstopped: too much {completed.exceeded} used"
    try:
        cases = read_junit(path, tree) or ()
    except BadReport as error:
        cases = ()
        output += f"\nthe test report cannot be read: {error}"
    output = output.replace("\0", "")[-MAX_OUTPUT_CHARACTERS:]  # Postgres takes no NUL in JSON
    return TestReport(cases, completed.returncode, output, command, completed.timed_out)
