"""The base commit's tests, run on what the new revisions make of its schema while old code still serves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from bot.gates.comparison import compare_tests
from bot.migration.deploy_order import DeployStep, PlacedRevision, from_json, list_deploy_steps
from bot.migration.old_code.control import FILE_NAME, REVISION, render_control
from bot.migration.old_code.meeting import Meeting, OldCode, meet
from bot.migration.stage import Phase
from bot.workspace.test_run import TestReport
from bot.workspace.test_run import from_json as read_report
from jobs.context import RunContext

MET_BY_OLD_CODE: tuple[Phase, ...] = ("before", "with")  # "after" is when none of it runs any more


def meet_new_schema(context: RunContext) -> OldCode:
    """The old code after the revisions of each phase in which it may still run, up to the first one that breaks it.

    Never raises for what tests and revisions do; raises the workspace's errors.
    """
    revisions = tuple(map(from_json, context.outputs["schema"]["revisions"]))
    before = read_report(context.outputs["baseline"]["tests"])
    meetings: dict[Phase, Meeting] = {}
    laid: list[PlacedRevision] = []
    for step in list_deploy_steps(revisions):
        laid += step.revisions
        if step.phase in MET_BY_OLD_CODE:
            meetings[step.phase] = _meet(context, step, _read_files(context, laid))
            if _is_worse(before, meetings[step.phase]):
                return OldCode(meetings, _run_control(context, revisions[0]))
    return OldCode(meetings)


def _read_files(context: RunContext, revisions: list[PlacedRevision]) -> Mapping[str, str]:
    """The revisions as they stand after the last edit; one that was taken away is not there."""
    with context.files("new", context.find_patch()) as tree:
        paths = [tree / revision.path for revision in revisions]
        return {path.relative_to(tree).as_posix(): path.read_text() for path in paths if path.is_file()}


def _meet(context: RunContext, step: DeployStep, files: Mapping[str, str]) -> Meeting:
    with context.base_bench(f"old-{step.phase}", files) as bench:
        return meet(bench.workspace, bench.runner, context.base, step.last)


def _is_worse(before: TestReport, meeting: Meeting) -> bool:
    if meeting.report is None:
        return True
    comparison = compare_tests(before, meeting.report)
    return bool(comparison.newly_failing or comparison.missing)


def _run_control(context: RunContext, beside: PlacedRevision) -> TestReport | None:
    path = PurePosixPath(beside.path).with_name(FILE_NAME).as_posix()
    with context.base_bench("old-control", {path: render_control(context.base.revision)}) as bench:
        return meet(bench.workspace, bench.runner, context.base, REVISION).report
