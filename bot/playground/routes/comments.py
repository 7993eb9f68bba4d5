"""Comments and reactions: https://docs.github.com/en/rest/issues/comments."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.access import AsInstallation, AsPerson, may
from bot.playground.actions import comments
from bot.playground.actions.comments import add_comment, delete_comment, edit_comment, ensure_reaction
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import Refused, not_found
from bot.playground.shapes.issue import render_comment, render_reaction
from bot.playground.tables import Comment, Reaction


@route("GET", "/repos/{owner}/{repo}/issues/{number:int}/comments")
def list_comments(call: Call) -> Any:
    """The comments, oldest first."""
    return paginate(call, call.get_issue().comments, render_comment)


@route("POST", "/repos/{owner}/{repo}/issues/{number:int}/comments")
def create(call: Call) -> Any:
    """A new comment. Everybody who sees the issue may, unless it is locked."""
    issue = call.get_issue("read" if isinstance(call.caller, AsPerson) else "write")
    if issue.locked and not may(call.work, call.caller, issue.repository, "issues", "write"):
        raise Refused(403, "Unable to create comment because issue is locked.")
    comment = add_comment(call.work, issue, call.get_actor(), call.get_text("body"))
    return Answer(render_comment(call.work, comment), 201)


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment:int}")
def get_comment(call: Call) -> Any:
    """One comment."""
    return render_comment(call.work, _get(call, "read"))


@route("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment:int}")
def update(call: Call) -> Any:
    """Changes a comment's text."""
    comment = _get(call, "write")
    edit_comment(call.work, comment, call.get_actor(), call.get_text("body"))
    return render_comment(call.work, comment)


@route("DELETE", "/repos/{owner}/{repo}/issues/comments/{comment:int}")
def delete(call: Call) -> Any:
    """Deletes a comment."""
    delete_comment(call.work, _get(call, "write"), call.get_actor())
    return Answer(status=204)


@route("GET", "/repos/{owner}/{repo}/issues/{number:int}/reactions")
def list_reactions(call: Call) -> Any:
    """The reactions to an issue's text."""
    query = sa.select(Reaction).where(Reaction.issue_id == call.get_issue().id, Reaction.comment_id == 0)
    return paginate(call, list(call.work.session.scalars(query.order_by(Reaction.id))), render_reaction)


@route("POST", "/repos/{owner}/{repo}/issues/{number:int}/reactions")
def react(call: Call) -> Any:
    """A reaction to an issue's text: 201 when it is new, 200 when it was there."""
    issue = call.get_issue("read" if isinstance(call.caller, AsPerson) else "write")
    reaction, is_new = ensure_reaction(call.work, issue, None, call.get_actor(), call.get_text("content"))
    return Answer(render_reaction(call.work, reaction), 201 if is_new else 200)


@route("POST", "/repos/{owner}/{repo}/issues/comments/{comment:int}/reactions")
def react_to_comment(call: Call) -> Any:
    """A reaction to a comment."""
    comment = _get(call, "read" if isinstance(call.caller, AsPerson) else "react")
    reaction, is_new = ensure_reaction(call.work, comment.issue, comment, call.get_actor(), call.get_text("content"))
    return Answer(render_reaction(call.work, reaction), 201 if is_new else 200)


@route("GET", "/repos/{owner}/{repo}/issues/comments/{comment:int}/reactions")
def list_comment_reactions(call: Call) -> Any:
    """The reactions to a comment."""
    return paginate(call, comments.list_comment_reactions(call.work, _get(call, "read")), render_reaction)


def _get(call: Call, level: str) -> Comment:
    """The comment of the route. Its author may change it, and people who may write; an App with the permission too."""
    repository = call.get_repository()
    comment = call.work.session.get(Comment, call.path["comment"])
    if comment is None or comment.issue.repository_id != repository.id:
        raise not_found()
    caller = call.caller
    if isinstance(caller, AsPerson) and caller.account.id == comment.author_id:
        return comment
    names = ("issues", "pull_requests") if comment.issue.pull and isinstance(caller, AsInstallation) else ("issues",)
    wanted = "read" if level == "read" else "write"
    if not any(may(call.work, caller, repository, name, wanted) for name in names):
        call.require(repository, "issues", wanted)
    return comment
