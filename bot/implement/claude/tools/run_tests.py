"""Run the repository's tests, or some of them, on a database at the newest revision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolResult
from bot.workspace.test_run import TestReport

MAX_FAILURES = 20
MAX_IDS = 200
OUTPUT_CHARACTERS = 9_000

DEFINITION = {
    "name": "run_tests",
    "description": (
        "Runs the repository's tests in the sandbox, on a scratch database that has all revisions. Says how many "
        "passed, names each that failed with its message, and the ids of those that passed when some were named. "
        "These results are for you: the bot runs everything again at the end, and only that counts."
    ),
    "input_schema": {
        "type": "object",
        "properties": {
            "tests": {
                "type": "array",
                "items": {"type": "string"},
                "description": "files, folders or ids (tests/test_a.py::test_b) to run; all when empty",
            }
        },
        "additionalProperties": False,
    },
}


class Given(BaseModel):
    """The input."""

    tests: list[str] = Field(default_factory=list, max_length=MAX_IDS)


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Runs them. That tests fail is no error of the tool's."""
    asked = Given.model_validate(given)
    report = place.run_tests(asked.tests)
    if isinstance(report, str):
        return ToolResult(report, is_error=True)
    return ToolResult(_describe(report, is_part=bool(asked.tests)))


def _describe(report: TestReport, is_part: bool) -> str:
    bad = [case for case in report.cases if case.outcome in ("failed", "error")]
    end = "stopped at the time limit" if report.timed_out else f"exit code {report.returncode}"
    lines = [f"{report.passed} passed, {report.failed} failed, {report.skipped} skipped ({end})"]
    lines += [f"{case.outcome}: {case.id}: {case.message}" for case in bad[:MAX_FAILURES]]
    if len(bad) > MAX_FAILURES:
        lines.append(f"… and {len(bad) - MAX_FAILURES} more that failed")
    if is_part:
        lines += [f"passed: {case.id}" for case in report.cases if case.outcome == "passed"][:MAX_IDS]
    if bad or not report.cases:
        lines.append(report.output[-OUTPUT_CHARACTERS:])
    return "\n".join(lines)
