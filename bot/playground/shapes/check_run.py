"""Check runs: https://docs.github.com/en/rest/checks/runs."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.app import render_app
from bot.playground.shapes.repository import get_api_url, get_page_url
from bot.playground.site import Work
from bot.playground.tables import CheckRun, Issue, PullRequest


def render_check_run(work: Work, run: CheckRun) -> dict[str, Any]:
    """A check run."""
    url = f"{get_api_url(work, run.repository)}/check-runs/{run.id}"
    page = f"{get_page_url(work, run.repository)}/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": make_node_id("CR", run.id),
        "name": run.name,
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": render_time(run.started_at),
        "completed_at": render_time(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": get_suite_id(run)},
        "app": render_app(work, run.app),
        "pull_requests": [_render_pull(work, issue) for issue in list_pulls(work, run)],
    }


def render_check_suite(work: Work, run: CheckRun) -> dict[str, Any]:
    """The suite that the run belongs to, as the check_run event tells it."""
    number = get_suite_id(run)
    pulls = list_pulls(work, run)
    when = render_time(run.started_at)
    return {
        "id": number,
        "node_id": make_node_id("CS", number),
        "head_branch": next((issue.pull.head for issue in pulls if issue.pull is not None), None),
        "head_sha": run.head_sha,
        "status": run.status,
        "conclusion": run.conclusion,
        "url": f"{get_api_url(work, run.repository)}/check-suites/{number}",
        "before": None,
        "after": run.head_sha,
        "pull_requests": [_render_pull(work, issue) for issue in pulls],
        "app": render_app(work, run.app),
        "created_at": when,
        "updated_at": when,
    }


def get_suite_id(run: CheckRun) -> int:
    """One suite for each App and commit. The number is made of both, so no table is needed."""
    return run.app_id * 2**32 + int(run.head_sha[:8], 16)


def list_pulls(work: Work, run: CheckRun) -> list[Issue]:
    """The open pull requests whose head is that commit."""
    query = (
        sa.select(Issue)
        .join(PullRequest)
        .where(Issue.repository_id == run.repository_id, Issue.state == "open", PullRequest.head_sha == run.head_sha)
    )
    return list(work.session.scalars(query))


def _render_pull(work: Work, issue: Issue) -> dict[str, Any]:
    pull, repository = issue.pull, issue.repository
    assert pull is not None  # noqa: S101 (joined)
    api = get_api_url(work, repository)
    repo = {"id": repository.id, "url": api, "name": repository.name}
    return {
        "url": f"{api}/pulls/{issue.number}",
        "id": issue.id,
        "number": issue.number,
        "head": {"ref": pull.head, "sha": pull.head_sha, "repo": repo},
        "base": {"ref": pull.base, "sha": pull.base_sha, "repo": repo},
    }
