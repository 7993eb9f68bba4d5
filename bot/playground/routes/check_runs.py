"""Check runs: https://docs.github.com/en/rest/checks/runs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from bot.playground.access import AsInstallation
from bot.playground.actions.checks import create_check_run, edit_check_run, list_check_runs, tell_check_run
from bot.playground.actions.limits import check_output
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import Refused, forbidden, not_found, wrong_request
from bot.playground.routes.git import find_commit
from bot.playground.shapes.check_run import render_check_run
from bot.playground.tables import CheckRun

STATUSES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")
SHA = re.compile(r"[0-9a-f]{40}")


@route("POST", "/repos/{owner}/{repo}/check-runs")
def create(call: Call) -> Any:
    """A new check run; only Apps make them."""
    repository = call.get_repository("checks", "write")
    caller = call.caller
    if not isinstance(caller, AsInstallation):
        raise Refused(403, "You must authenticate via a GitHub App.")
    sha = call.get_text("head_sha")
    if not SHA.fullmatch(sha) or call.work.get_bare(repository).find_commit(sha) != sha:
        raise Refused(422, f"No commit found for SHA: {sha}")
    empty = dict.fromkeys(("details_url", "conclusion", "completed_at", "title", "summary", "text"))
    start: dict[str, Any] = {"external_id": "", "status": "queued", "started_at": call.work.now(), **empty}
    values = {**start, "name": call.get_text("name"), "head_sha": sha, **_read(call)}
    run = create_check_run(call.work, repository, caller.installation.app, call.get_actor(), values)
    return Answer(render_check_run(call.work, run), 201)


@route("GET", "/repos/{owner}/{repo}/check-runs/{run:int}")
def get_one(call: Call) -> Any:
    """One check run."""
    return render_check_run(call.work, _get(call, "read"))


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{run:int}")
def update(call: Call) -> Any:
    """Changes a check run of the App's own."""
    run = _get(call, "write")
    if not isinstance(call.caller, AsInstallation) or call.caller.installation.app_id != run.app_id:
        raise forbidden()
    name = call.find_text("name")
    edit_check_run(call.work, run, call.get_actor(), {**({} if name is None else {"name": name}), **_read(call)})
    return render_check_run(call.work, run)


@route("POST", "/repos/{owner}/{repo}/check-runs/{run:int}/rerequest")
def rerequest(call: Call) -> Any:
    """Somebody wants the check again: its App is told."""
    run = _get(call, "write")
    tell_check_run(call.work, run, call.get_actor(), "rerequested")
    return Answer({}, 201)


@route("GET", "/repos/{owner}/{repo}/commits/{ref:path}/check-runs")
def list_for_ref(call: Call) -> Any:
    """The check runs on a commit, the newest first; `filter=all` shows also those that a newer one replaced."""
    repository = call.get_repository("checks", "read")
    sha = find_commit(call, repository, call.path["ref"]).sha
    runs = list_check_runs(call.work, repository, sha, is_latest=call.query.get("filter", "latest") == "latest")
    name, status, app_id = (call.query.get(key) for key in ("check_name", "status", "app_id"))
    found = [
        run
        for run in runs
        if name in (None, run.name) and status in (None, run.status) and app_id in (None, str(run.app_id))
    ]
    page = paginate(call, found, render_check_run)
    return Answer({"total_count": len(found), "check_runs": page.data}, headers=page.headers)


def _get(call: Call, level: str) -> CheckRun:
    repository = call.get_repository("checks", level)
    run = call.work.session.get(CheckRun, call.path["run"])
    if run is None or run.repository_id != repository.id:
        raise not_found()
    return run


def _read(call: Call) -> dict[str, Any]:
    """The columns that a body names; a conclusion completes the run."""
    texts = ("details_url", "external_id", "status", "conclusion")
    values: dict[str, Any] = {name: call.find_text(name) for name in texts if name in call.body}
    values |= {name: _read_time(call, name) for name in ("started_at", "completed_at") if name in call.body}
    if values.get("conclusion") is not None:
        values = {"completed_at": call.work.now(), **values, "status": "completed"}
    elif values.get("status") == "completed":
        raise wrong_request('"conclusion" wasn\'t supplied.')
    elif values.get("status") is not None:  # it begins again
        values = {**values, "conclusion": None, "completed_at": None}
    if values.get("status", "queued") not in STATUSES:
        raise wrong_request(f"{values['status']} is not a member of {list(STATUSES)}.")
    if values.get("conclusion") not in (None, *CONCLUSIONS):
        raise wrong_request(f"{values['conclusion']} is not a member of {list(CONCLUSIONS)}.")
    return values | _read_output(call)


def _read_time(call: Call, name: str) -> datetime | None:
    text = call.find_text(name)
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise wrong_request(f"For 'properties/{name}', {text} is not a valid date-time.") from error


def _read_output(call: Call) -> dict[str, Any]:
    output = call.body.get("output")
    if output is None:
        return {}
    if not isinstance(output, dict) or not isinstance(output.get("summary"), str):
        raise wrong_request('"summary" wasn\'t supplied.')
    for name in ("title", "summary", "text"):
        if not isinstance(output.get(name), str | None):
            raise wrong_request(f"For 'properties/{name}', it is not a string.")
        check_output(output.get(name))
    return {name: output.get(name) for name in ("title", "summary", "text")}
