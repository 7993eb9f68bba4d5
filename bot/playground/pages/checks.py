"""The page of a check run."""

from __future__ import annotations

from starlette.responses import Response

from bot.playground.access import find_permission
from bot.playground.actions.checks import tell_check_run
from bot.playground.errors import Refused, not_found
from bot.playground.pages.view import View, page
from bot.playground.shapes.check_run import list_pulls
from bot.playground.tables import CheckRun

RUN = "/{owner}/{repo}/runs/{run:int}"


@page("GET", RUN)
def show_check_run(view: View) -> Response:
    """What the check says."""
    run = _get(view)
    pulls = list_pulls(view.work, run)
    may_write = view.find_permission(run.repository) in ("admin", "write")
    return view.render("check_run.html", run=run, repository=run.repository, pulls=pulls, may_write=may_write)


@page("POST", RUN + "/rerequest")
def rerequest(view: View) -> Response:
    """Asks the App to check again."""
    person, run = view.get_person(), _get(view)
    if find_permission(view.work, run.repository, person.account) not in ("admin", "write"):
        raise Refused(403, "Only people with write access can do this")
    tell_check_run(view.work, run, person.actor, "rerequested")
    return view.redirect(view.url.removesuffix("/rerequest"))


def _get(view: View) -> CheckRun:
    repository = view.get_repository()
    run = view.work.session.get(CheckRun, view.path["run"])
    if run is None or run.repository_id != repository.id:
        raise not_found()
    return run
