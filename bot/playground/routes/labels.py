"""Labels: https://docs.github.com/en/rest/issues/labels."""

from __future__ import annotations

from typing import Any

from bot.playground.actions.issues import add_labels, remove_label
from bot.playground.actions.labels import PLAIN_COLOR, create_label, find_label, list_labels
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import Refused, not_found
from bot.playground.routes.issues import read_labels
from bot.playground.shapes.issue import render_label
from bot.playground.tables import Issue


@route("GET", "/repos/{owner}/{repo}/labels")
def list_repository_labels(call: Call) -> Any:
    """The repository's labels."""
    repository = call.get_repository("issues", "read")
    found = list_labels(call.work, repository)
    return paginate(call, found, lambda work, label: render_label(work, repository, label))


@route("POST", "/repos/{owner}/{repo}/labels")
def create(call: Call) -> Any:
    """A new label; 422 when there is one of that name."""
    repository = call.get_repository("issues", "write")
    name, color = call.get_text("name"), call.find_text("color") or PLAIN_COLOR
    label = create_label(call.work, repository, call.get_actor(), name, color, call.find_text("description"))
    return Answer(render_label(call.work, repository, label), 201)


@route("GET", "/repos/{owner}/{repo}/labels/{name:path}")
def get_label(call: Call) -> Any:
    """One label."""
    repository = call.get_repository("issues", "read")
    label = find_label(call.work, repository, call.path["name"])
    if label is None:
        raise not_found()
    return render_label(call.work, repository, label)


@route("GET", "/repos/{owner}/{repo}/issues/{number:int}/labels")
def list_issue_labels(call: Call) -> Any:
    """The labels on an issue."""
    return _answer(call, call.get_issue())


@route("POST", "/repos/{owner}/{repo}/issues/{number:int}/labels")
def add(call: Call) -> Any:
    """Puts labels on an issue."""
    issue = call.get_issue("write")
    add_labels(call.work, issue, call.get_actor(), read_labels(call))
    return _answer(call, issue)


@route("DELETE", "/repos/{owner}/{repo}/issues/{number:int}/labels/{name:path}")
def remove(call: Call) -> Any:
    """Takes a label off an issue; 404 when it is not there."""
    issue = call.get_issue("write")
    label = find_label(call.work, issue.repository, call.path["name"])
    if label is None or label not in issue.labels:
        raise Refused(404, "Label does not exist")
    remove_label(call.work, issue, call.get_actor(), label)
    return _answer(call, issue)


def _answer(call: Call, issue: Issue) -> Any:
    return paginate(call, issue.labels, lambda work, label: render_label(work, issue.repository, label))
