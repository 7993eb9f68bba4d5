"""Issues: https://docs.github.com/en/rest/issues/issues."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.access import AsPerson, may
from bot.playground.actions.issues import add_labels, close_issue, edit_issue, open_issue, reopen_issue
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import Refused, invalid, wrong_request
from bot.playground.shapes.issue import render_issue
from bot.playground.tables import Account, Issue, Label

STATES = ("open", "closed", "all")


@route("GET", "/repos/{owner}/{repo}/issues")
def list_issues(call: Call) -> Any:
    """The issues (and pull requests), newest first unless asked otherwise."""
    repository = call.get_repository("issues", "read")
    state = call.query.get("state", "open")
    if state not in STATES:
        raise invalid("Issue", "state")
    order = Issue.number.asc() if call.query.get("direction") == "asc" else Issue.number.desc()
    query = sa.select(Issue).where(Issue.repository_id == repository.id, ~Issue.deleted).order_by(order)
    if "creator" in call.query:
        query = query.where(Issue.author.has(Account.login == call.query["creator"]))
    if state != "all":
        query = query.where(Issue.state == state)
    for label in filter(None, call.query.get("labels", "").split(",")):
        query = query.where(Issue.labels.any(Label.name == label))
    return paginate(call, list(call.work.session.scalars(query)), render_issue)


@route("POST", "/repos/{owner}/{repo}/issues")
def create_issue(call: Call) -> Any:
    """A new issue. Everybody who sees the repository may; labels of those who may not write are dropped."""
    repository = call.get_repository("issues", "read" if isinstance(call.caller, AsPerson) else "write")
    labels = read_labels(call) if may(call.work, call.caller, repository, "issues", "write") else []
    title, body = call.get_text("title"), call.find_text("body")
    issue = open_issue(call.work, repository, call.get_actor(), title, body, labels)
    return Answer(render_issue(call.work, issue), 201)


@route("GET", "/repos/{owner}/{repo}/issues/{number:int}")
def get_issue(call: Call) -> Any:
    """One issue."""
    return render_issue(call.work, call.get_issue())


@route("PATCH", "/repos/{owner}/{repo}/issues/{number:int}")
def update_issue(call: Call) -> Any:
    """Changes an issue: title, body, state, labels."""
    issue = get_editable(call)
    actor = call.get_actor()
    edit_issue(call.work, issue, actor, call.find_text("title"), call.find_text("body"))
    if call.body.get("labels") is not None:
        wanted = read_labels(call)
        for label in [label for label in issue.labels if label.name not in wanted]:
            issue.labels.remove(label)
        add_labels(call.work, issue, actor, wanted)
    state = call.find_text("state")
    if state == "closed":
        close_issue(call.work, issue, actor, call.find_text("state_reason") or "completed")
    elif state == "open":
        reopen_issue(call.work, issue, actor)
    elif state is not None:
        raise invalid("Issue", "state")
    return render_issue(call.work, issue)


@route("PUT", "/repos/{owner}/{repo}/issues/{number:int}/lock")
def lock_issue(call: Call) -> Any:
    """Nobody but those who may write comments any more, and there are no reactions."""
    call.get_issue("write").locked = True
    return Answer(status=204)


@route("DELETE", "/repos/{owner}/{repo}/issues/{number:int}/lock")
def unlock_issue(call: Call) -> Any:
    """The opposite."""
    call.get_issue("write").locked = False
    return Answer(status=204)


def get_editable(call: Call) -> Issue:
    """The issue, when the caller wrote it or may write."""
    issue = call.get_issue()
    caller = call.caller
    if isinstance(caller, AsPerson) and caller.account.id == issue.author_id:
        return issue
    return call.get_issue("write")


def read_labels(call: Call) -> list[str]:
    """The names of labels in a body: texts, or objects with a name."""
    labels = call.body.get("labels") or []
    if not isinstance(labels, list):
        raise wrong_request("For 'properties/labels', it is not an array.")
    names = [label.get("name") if isinstance(label, dict) else label for label in labels]
    if not all(isinstance(name, str) for name in names):
        raise Refused(422, "Validation Failed")
    return [str(name) for name in names]
