"""The labels of a repository."""

from __future__ import annotations

from starlette.responses import Response

from bot.playground.actions.labels import list_labels
from bot.playground.pages.view import View, page


@page("GET", "/{owner}/{repo}/labels")
def show_labels(view: View) -> Response:
    """All labels, and a form for a new one."""
    repository = view.get_repository()
    may_write = view.find_permission(repository) in ("admin", "write")
    labels = list_labels(view.work, repository)
    return view.render("labels.html", repository=repository, labels=labels, may_write=may_write)
