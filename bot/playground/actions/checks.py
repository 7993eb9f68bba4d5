"""Check runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.shapes.check_run import render_check_run, render_check_suite
from bot.playground.site import Work
from bot.playground.tables import App, CheckRun, Repository
from bot.playground.webhooks.emit import emit


def create_check_run(work: Work, repository: Repository, app: App, actor: Actor, values: dict[str, Any]) -> CheckRun:
    """A new check run; `values` are its columns."""
    run = CheckRun(repository=repository, app=app, **values)
    work.add(run)
    tell_check_run(work, run, actor, "created")
    if run.status == "completed":
        tell_check_run(work, run, actor, "completed")
    return run


def edit_check_run(work: Work, run: CheckRun, actor: Actor, values: dict[str, Any]) -> None:
    """Changes some of its columns."""
    was_completed = run.status == "completed"
    for name, value in values.items():
        setattr(run, name, value)
    if run.status == "completed" and not was_completed:
        tell_check_run(work, run, actor, "completed")


def tell_check_run(work: Work, run: CheckRun, actor: Actor, action: str) -> None:
    """created, completed, or rerequested (somebody pressed "Re-run")."""
    work.session.flush()

    def render() -> dict[str, Any]:
        return {"check_run": {**render_check_run(work, run), "check_suite": render_check_suite(work, run)}}

    emit(work, "check_run", action, run.repository, actor.account, render)


def list_check_runs(work: Work, repository: Repository, sha: str, *, is_latest: bool = False) -> list[CheckRun]:
    """The check runs on a commit, the newest first; perhaps only the latest of each name and App."""
    query = (
        sa.select(CheckRun)
        .where(CheckRun.repository_id == repository.id, CheckRun.head_sha == sha)
        .order_by(CheckRun.id.desc())
    )
    runs = list(work.session.scalars(query))
    if not is_latest:
        return runs
    latest: dict[tuple[int, str], CheckRun] = {}
    for run in runs:
        latest.setdefault((run.app_id, run.name), run)
    return list(latest.values())
