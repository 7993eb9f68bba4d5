"""The sections of the body, each rendered by its template at a level of detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.gates.comparison import compare_tests
from bot.gates.criteria import judge_criteria
from bot.gates.lint import render_counts
from bot.migration.command_line import render_command
from bot.migration.deploy_order import list_deploy_steps, needs_order
from bot.migration.lock_modes import name_mode
from bot.pull_request.checklist import render_boxes
from bot.pull_request.draft import is_draft
from bot.pull_request.lint_findings import group_findings
from bot.pull_request.live_waits import find_live_waits
from bot.pull_request.migration_summary import (
    list_change_rows,
    list_downgrade_locks,
    list_other_locks,
    list_written,
)
from bot.pull_request.open_points import list_open_points
from bot.pull_request.report import Report
from bot.pull_request.shared_transactions import find_shared_transactions
from bot.words.loader import render

SHA_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Level:
    """How much is told: `items` of a list, `few` of one inside a line, `boxes` to tick, `characters` of a text."""

    items: int
    few: int
    boxes: int
    characters: int
    sql: bool = True
    diagram: bool = True


Section = Callable[[Report, Level], str]


def render_summary(report: Report, level: Level) -> str:
    """What was done and what was not."""
    failed = tuple(gate for gate in report.gates if gate.state == "failed")
    points = list_open_points(report)
    rows = sum(report.proof.rows.values()) if report.proof else 0
    return _render(
        "summary", level, report=report, is_draft=is_draft(report), failed=failed, open_points=points, rows=rows
    )


def render_criteria(report: Report, level: Level) -> str:
    """Each acceptance criterion, where it is met, its test and how that ended."""
    criteria = judge_criteria(report.spec, report.changeset, report.tests_after)
    files = tuple(dict.fromkeys(test.partition("::")[0] for item in criteria for test in item.tests))
    return _render("criteria", level, criteria=criteria, files=files)


def render_migration(report: Report, level: Level) -> str:
    """What changes in the database, what that means for one in use, and the proof."""
    proof = report.proof
    if proof is None:
        return _render("migration", level, proof=None)
    return _render(
        "migration",
        level,
        proof=proof,
        changes=list_change_rows(proof, report.spec.data_model),
        other_locks=list_other_locks(proof),
        name_mode=name_mode,
        rows=sum(proof.rows.values()),
        filled=sum(count > 0 for count in proof.rows.values()),
        took_seconds=sum(step.duration_seconds for step in proof.steps),
        diagram=report.diagram,
        old_code=report.find_gate("old_code"),
        live=tuple(find_live_waits(proof, sizes) for sizes in report.live),
    )


def render_lint(report: Report, level: Level) -> str:
    """What the lint found in the new revisions, or how many rules found nothing."""
    lint = report.lint
    groups = () if lint is None else group_findings(lint, report.rules_url)
    return _render(
        "lint",
        level,
        proof=report.proof,
        lint=lint,
        counts="" if lint is None else render_counts(lint),
        serious=tuple(group for group in groups if group.severity != "info"),
        notes=tuple(group for group in groups if group.severity == "info"),
    )


def render_deploy(report: Report, level: Level) -> str:
    """Which revision is run when, and what to know of it; nothing when that is as ever."""
    if not needs_order(report.revisions):
        return ""
    steps = [
        (
            step,
            render_command(report.project, "upgrade", step.last),
            render_command(report.project, "downgrade", step.below),
        )
        for step in list_deploy_steps(report.revisions)
    ]
    at_once = render_command(report.project, "upgrade", "head")
    shared = () if report.proof is None else find_shared_transactions(report.proof, report.revisions)
    return _render(
        "deploy",
        level,
        revisions=report.revisions,
        steps=steps,
        at_once=at_once,
        old_code=report.find_gate("old_code"),
        shared=shared,
        env_file="env.py" if report.project is None else report.project.env_file.as_posix(),
    )


def render_tests(report: Report, level: Level) -> str:
    """The repository's tests before and after, and every gate."""
    after = report.tests_after
    comparison = None if after is None else compare_tests(report.tests_before, after)
    return _render("tests", level, report=report, comparison=comparison, base_commit=_shorten(report.base_commit))


def render_checklist(report: Report, level: Level) -> str:
    """What a person must agree to or look at."""
    return _render("checklist", level, boxes=render_boxes(report))


def render_rollback(report: Report, level: Level) -> str:
    """The exact commands of the way back."""
    proof = report.proof
    if proof is None:
        return _render("rollback", level, proof=None)
    command = render_command(report.project, "downgrade", proof.base_revision or "base")
    return _render(
        "rollback",
        level,
        proof=proof,
        command=command,
        written=list_written(proof.changes),
        locks=list_downgrade_locks(proof),
        name_mode=name_mode,
    )


def render_steering(report: Report, level: Level) -> str:
    """How to have something else built, and who started this."""
    return _render("steering", level, report=report, base_commit=_shorten(report.base_commit))


def _render(name: str, level: Level, **values: object) -> str:
    return render(f"pull_request/{name}.md", level=level, **values)


def _shorten(commit: str) -> str:
    return commit[:SHA_CHARACTERS]
