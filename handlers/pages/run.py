"""GET /runs/{id}: how far a run is. What it tells of a repository is shown only with the key of the issue's link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.store import ACTIVE, PullRequestRecord, Run, Step, UnknownRun
from handlers.pages.html import render_page
from jobs.links import is_run_key
from jobs.parts import Parts

MEANINGS = {
    "queued": "waits for a worker",
    "running": "is being worked on",
    "finished": "ended with a pull request",
    "draft": "ended with a draft pull request: see what is open there",
    "asked": "asked questions on the issue and waits for its text to be edited",
    "failed": "failed: the issue says why",
    "cancelled": "was cancelled",
    "refused": "was refused",
}
REFRESH_SECONDS = 5
MAX_RUN_ID = 2**31 - 1  # of the column


async def show(request: Request) -> Response:
    """The run's status and steps; with the key also whose run it is, what failed and its pull request."""
    parts: Parts = request.app.state.parts
    run_id: int = request.path_params["run_id"]
    trusted = is_run_key(parts.settings, run_id, request.query_params.get("key"))
    try:
        if run_id > MAX_RUN_ID:
            raise UnknownRun
        run, steps, pull_request = await run_in_threadpool(_read, parts, run_id)
    except UnknownRun:
        return render_page("No such run", "<h1>No such run</h1>", 404)
    response = render_page(f"Run {run.id}", _render(run, steps, pull_request, trusted))
    if run.status in ACTIVE:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


def _read(parts: Parts, run_id: int) -> tuple[Run, Sequence[Step], PullRequestRecord | None]:
    run = parts.store.get_run(run_id)
    return run, parts.store.list_steps(run_id), parts.store.find_pull_request(run_id)


def _render(run: Run, steps: Sequence[Step], pull_request: PullRequestRecord | None, trusted: bool) -> str:
    meaning = f"The run <strong>{escape(MEANINGS[run.status])}</strong>."
    parts = [f"<h1>Run {run.id}</h1>", f"<p>{meaning}</p>"]
    if trusted:
        parts.append(_render_facts(run, pull_request))
    parts.append("<table><tr><th>Step</th><th>State</th><th>Time</th></tr>")
    parts.extend(_render_step(step, trusted) for step in steps)
    parts.append("</table>")
    if not trusted:
        parts.append('<p class="muted">Open the link in the issue to see more.</p>')
    return "\n".join(parts)


def _render_facts(run: Run, pull_request: PullRequestRecord | None) -> str:
    lines = [
        f"<strong>{escape(run.title)}</strong>: {escape(run.repository)}#{run.issue}, started by {escape(run.actor)} "
        f"at {run.created:%Y-%m-%d %H:%M} UTC"
    ]
    if run.branch is not None and run.base_commit is not None:
        on = f"{escape(run.base_branch or '')} at <code>{escape(run.base_commit[:12])}</code>"
        lines.append(f"Branch <code>{escape(run.branch)}</code>, made from {on}")
    if pull_request is not None and pull_request.url.startswith(("https://", "http://")):
        lines.append(f'Pull request <a href="{escape(pull_request.url)}">#{pull_request.number}</a>')
    lines.extend(escape(notice) for notice in run.notices)
    if run.detail:
        lines.append(escape(run.detail))
    return "".join(f"<p>{line}</p>" for line in lines)


def _render_step(step: Step, trusted: bool) -> str:
    again = f" (attempt {step.attempts})" if step.attempts > 1 else ""
    error = f"<pre>{escape(step.error)}</pre>" if trusted and step.error else ""
    seconds = ((step.ended or datetime.now(UTC)) - step.started) / timedelta(seconds=1)
    state = f'<span class="{escape(step.state)}">{escape(step.state)}</span>{again}'
    return f"<tr><td>{escape(step.name)}{error}</td><td>{state}</td><td>{seconds:.1f} s</td></tr>"
