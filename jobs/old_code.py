"""The base commit's tests, run on what the new revisions make of its schema while old code still serves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.gates.old_code import is_broken
from bot.migration.alembic_runner import AlembicRunner
from bot.migration.baseline import Base
from bot.migration.deploy_order import DeployStep, PlacedRevision, list_deploy_steps
from bot.migration.old_code.control import FILE_NAME, REVISION, render_control
from bot.migration.old_code.meeting import Meeting, OldCode, meet
from bot.migration.stage import Phase
from bot.workspace.test_run import TestReport

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


@dataclass(frozen=True, slots=True)
class OldSide:
    """The base commit and what is known of it. `before` are its tests on its own schema, `base` that schema.

    `open_base` gives Alembic in the commit with files laid over it, under a name of its own; `read_files` the texts of
    revisions by path, as they stand now. `limit_seconds` is all the time that there is.
    """

    base: Base
    before: TestReport
    limit_seconds: float
    open_base: Callable[[str, Mapping[str, str]], AbstractContextManager[AlembicRunner]]
    read_files: Callable[[Sequence[PlacedRevision]], Mapping[str, str]]


def meet_new_schema(old: OldSide, revisions: Sequence[PlacedRevision]) -> OldCode:
    """The old code after the revisions of each phase in which it may still run, up to the first one that breaks it.

    Never raises for what tests and revisions do; raises the workspace's errors.
    """
    clock = _Clock.start(old.limit_seconds, old.before)
    found = OldCode({})
    laid: list[PlacedRevision] = []
    for step in list_deploy_steps(revisions):
        laid += step.revisions
        if step.phase in MET_BY_OLD_CODE:
            found = _add(old, found, step, laid, clock)
            if is_broken(old.before, found.meetings[step.phase], found.control):
                break
    return found


def _add(old: OldSide, found: OldCode, step: DeployStep, laid: Sequence[PlacedRevision], clock: _Clock) -> OldCode:
    """One more meeting; the first time that tests fail, they are run beside an unrelated table too."""
    if clock.is_late():
        return OldCode({**found.meetings, step.phase: Meeting(step.last, reason=LATE)}, found.control)
    meeting, control = _meet(old, step, old.read_files(laid)), found.control
    if is_broken(old.before, meeting, control) and control is None:
        control = None if clock.is_late() else _run_control(old, laid[0])
        if control is None or not control.cases:
            meeting, control = Meeting(step.last, reason=NO_CONTROL), None
    return OldCode({**found.meetings, step.phase: meeting}, control)


def read_files(tree: Path, revisions: Sequence[PlacedRevision]) -> Mapping[str, str]:
    """The texts of the revisions by path; one that was taken away is not there."""
    paths = [tree / revision.path for revision in revisions]
    return {path.relative_to(tree).as_posix(): path.read_text() for path in paths if path.is_file()}


def lay_over(tree: Path, files: Mapping[str, str]) -> None:
    """Write the files, by path, into the tree."""
    for path, text in files.items():
        place = tree / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _meet(old: OldSide, step: DeployStep, files: Mapping[str, str]) -> Meeting:
    with old.open_base(f"old-{step.phase}", files) as runner:
        return meet(runner.workspace, runner, old.base, step.last)


def _run_control(old: OldSide, beside: PlacedRevision) -> TestReport | None:
    path = PurePosixPath(beside.path).with_name(FILE_NAME).as_posix()
    with old.open_base("old-control", {path: render_control(old.base.revision)}) as runner:
        return meet(runner.workspace, runner, old.base, REVISION).report
