"""The sections about the migration: what changes, what the lint found, how to deploy, how to roll back."""

from __future__ import annotations

from bot.gates.lint import render_counts
from bot.migration.command_line import render_command
from bot.migration.deploy_order import list_deploy_steps, needs_order
from bot.migration.lock_modes import name_mode
from bot.pull_request.level import FULL, Level, render_section
from bot.pull_request.lint_findings import group_findings
from bot.pull_request.live_waits import find_live_waits
from bot.pull_request.migration_summary import (
    list_change_rows,
    list_downgrade_locks,
    list_other_locks,
    list_written,
)
from bot.pull_request.report import MigrationReport
from bot.pull_request.shared_transactions import find_shared_transactions


def render_migration(report: MigrationReport, level: Level) -> str:
    """What changes in the database, what that means for one in use, and the proof."""
    proof = report.proof
    if proof is None:
        return render_section("migration", level, proof=None)
    return render_section(
        "migration",
        level,
        proof=proof,
        changes=list_change_rows(proof, report.data_model),
        other_locks=list_other_locks(proof),
        name_mode=name_mode,
        rows=sum(proof.rows.values()),
        filled=sum(count > 0 for count in proof.rows.values()),
        took_seconds=sum(step.duration_seconds for step in proof.steps),
        diagram=report.diagram,
        old_code=report.old_code,
        live=tuple(find_live_waits(proof, sizes) for sizes in report.live),
    )


def render_lint(report: MigrationReport, level: Level) -> str:
    """What the lint found in the new revisions, or how many rules found nothing."""
    lint = report.lint
    groups = () if lint is None else group_findings(lint, report.rules_url)
    return render_section(
        "lint",
        level,
        proof=report.proof,
        lint=lint,
        counts="" if lint is None else render_counts(lint),
        serious=tuple(group for group in groups if group.severity != "info"),
        notes=tuple(group for group in groups if group.severity == "info"),
    )


def render_deploy(report: MigrationReport, level: Level) -> str:
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
    return render_section(
        "deploy",
        level,
        revisions=report.revisions,
        steps=steps,
        at_once=at_once,
        old_code=report.old_code,
        shared=shared,
        env_file="env.py" if report.project is None else report.project.env_file.as_posix(),
    )


def render_rollback(report: MigrationReport, level: Level) -> str:
    """The exact commands of the way back."""
    proof = report.proof
    if proof is None:
        return render_section("rollback", level, proof=None)
    command = render_command(report.project, "downgrade", proof.base_revision or "base")
    return render_section(
        "rollback",
        level,
        proof=proof,
        command=command,
        written=list_written(proof.changes),
        locks=list_downgrade_locks(proof),
        name_mode=name_mode,
    )


def render_migration_report(report: MigrationReport) -> str:
    """All of it, for a migration that stands by itself."""
    sections = (render_migration, render_lint, render_deploy, render_rollback)
    return "\n\n".join(filter(None, (section(report, FULL) for section in sections))) + "\n"
