"""The base commit's tests, run on what the new revisions make of its schema while old code still serves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.gates.old_code import is_broken
from bot.migration.deploy_order import DeployStep, PlacedRevision, from_json, list_deploy_steps
from bot.migration.old_code.control import FILE_NAME, REVISION, render_control
from bot.migration.old_code.meeting import Meeting, OldCode, meet
from bot.migration.stage import Phase
from bot.workspace.test_run import TestReport
from bot.workspace.test_run import from_json as read_report
from jobs.context import RunContext

MET_BY_OLD_CODE: tuple[Phase, ...] = ("before", "with")  # "after" is when none of it runs any more
LATE = "the tests take too long to be run once more"
NO_CONTROL = "tests fail on it, and it could not be told whether they are about the schema itself"


@dataclass(frozen=True, slots=True)
class _Clock:
    """Half of the step's time is for this; the tests are taken to need what they needed on the base commit."""

    ends_at: float
    tests_seconds: float

    @classmethod
    def start(cls, limit_seconds: float, before: TestReport) -> _Clock:
        return cls(time.monotonic() + limit_seconds / 2, sum(case.duration_seconds for case in before.cases))

    def is_late(self) -> bool:
        return time.monotonic() + self.tests_seconds > self.ends_at


def meet_new_schema(context: RunContext) -> OldCode:
    """The old code after the revisions of each phase in which it may still run, up to the first one that breaks it.

    Never raises for what tests and revisions do; raises the workspace's errors.
    """
    revisions = tuple(map(from_json, context.outputs["schema"]["revisions"]))
    before = read_report(context.outputs["baseline"]["tests"])
    clock = _Clock.start(context.parts.settings.step_timeout_seconds, before)
    found = OldCode({})
    laid: list[PlacedRevision] = []
    for step in list_deploy_steps(revisions):
        laid += step.revisions
        if step.phase in MET_BY_OLD_CODE:
            found = _add(context, found, step, laid, clock)
            if is_broken(before, found.meetings[step.phase], found.control):
                break
    return found


def _add(
    context: RunContext, found: OldCode, step: DeployStep, laid: Sequence[PlacedRevision], clock: _Clock
) -> OldCode:
    """One more meeting; the first time that tests fail, they are run beside an unrelated table too."""
    before = read_report(context.outputs["baseline"]["tests"])
    if clock.is_late():
        return OldCode({**found.meetings, step.phase: Meeting(step.last, reason=LATE)}, found.control)
    meeting, control = _meet(context, step, _read_files(context, laid)), found.control
    if is_broken(before, meeting, control) and control is None:
        control = None if clock.is_late() else _run_control(context, laid[0])
        if control is None or not control.cases:
            meeting, control = Meeting(step.last, reason=NO_CONTROL), None
    return OldCode({**found.meetings, step.phase: meeting}, control)


def _read_files(context: RunContext, revisions: Sequence[PlacedRevision]) -> Mapping[str, str]:
    """The revisions as they stand after the last edit; one that was taken away is not there."""
    with context.files("new", context.find_patch()) as tree:
        paths = [tree / revision.path for revision in revisions]
        return {path.relative_to(tree).as_posix(): path.read_text() for path in paths if path.is_file()}


def _meet(context: RunContext, step: DeployStep, files: Mapping[str, str]) -> Meeting:
    with context.base_bench(f"old-{step.phase}", files) as bench:
        return meet(bench.workspace, bench.runner, context.base, step.last)


def _run_control(context: RunContext, beside: PlacedRevision) -> TestReport | None:
    path = PurePosixPath(beside.path).with_name(FILE_NAME).as_posix()
    with context.base_bench("old-control", {path: render_control(context.base.revision)}) as bench:
        return meet(bench.workspace, bench.runner, context.base, REVISION).report
