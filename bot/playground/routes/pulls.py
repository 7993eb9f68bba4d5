"""Pull requests: https://docs.github.com/en/rest/pulls/pulls."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.actions.issues import close_issue, edit_issue, reopen_issue
from bot.playground.actions.merge import merge_pull
from bot.playground.actions.pulls import open_pull, set_base
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.commits import list_commits, list_diff
from bot.playground.errors import Refused, invalid, not_found
from bot.playground.shapes.commit import render_commit, render_file
from bot.playground.shapes.pull_request import find_start, get_pull, render_full_pull, render_pull
from bot.playground.tables import Issue, PullRequest

STATES = ("open", "closed", "all")


@route("GET", "/repos/{owner}/{repo}/pulls")
def list_pulls(call: Call) -> Any:
    """The pull requests, newest first; `head` is owner:branch."""
    repository = call.get_repository("pull_requests", "read")
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    if state not in STATES:
        raise invalid("PullRequest", "state")
    query = sa.select(Issue).join(PullRequest).where(Issue.repository_id == repository.id).order_by(Issue.number.desc())
    if state != "all":
        query = query.where(Issue.state == state)
    owner, _, branch = (head or "").partition(":")
    if branch and owner.lower() == repository.owner.login.lower():
        query = query.where(PullRequest.head == branch)
    if base:
        query = query.where(PullRequest.base == base)
    return paginate(call, list(call.work.session.scalars(query)), render_pull)


@route("POST", "/repos/{owner}/{repo}/pulls")
def create(call: Call) -> Any:
    """A new pull request."""
    repository = call.get_repository("pull_requests", "write")
    title, head, base = call.get_text("title"), call.get_text("head"), call.get_text("base")
    draft = call.find_flag("draft") or False
    actor = call.get_actor()
    issue = open_pull(call.work, repository, actor, title, call.find_text("body"), head, base, draft)
    return Answer(render_full_pull(call.work, issue), 201)


@route("GET", "/repos/{owner}/{repo}/pulls/{number:int}")
def get_one(call: Call) -> Any:
    """One pull request."""
    return render_full_pull(call.work, _get(call, "read"))


@route("PATCH", "/repos/{owner}/{repo}/pulls/{number:int}")
def update(call: Call) -> Any:
    """Changes title, body, base or state."""
    issue, actor = _get(call, "write"), call.get_actor()
    base = call.find_text("base")
    if base is not None:
        set_base(call.work, issue, actor, base)
    edit_issue(call.work, issue, actor, call.find_text("title"), call.find_text("body"))
    state = call.find_text("state")
    if state == "closed":
        close_issue(call.work, issue, actor)
    elif state == "open":
        reopen_issue(call.work, issue, actor)
    return render_full_pull(call.work, issue)


@route("GET", "/repos/{owner}/{repo}/pulls/{number:int}/commits")
def list_pull_commits(call: Call) -> Any:
    """Its commits, oldest first."""
    issue = _get(call, "read")
    pull, repository = get_pull(issue), issue.repository
    found = list_commits(call.work.get_bare(repository), f"{pull.base_sha}..{pull.head_sha}")
    return paginate(call, found[::-1], lambda work, commit: render_commit(work, repository, commit))


@route("GET", "/repos/{owner}/{repo}/pulls/{number:int}/files")
def list_files(call: Call) -> Any:
    """The files that it changes."""
    issue = _get(call, "read")
    sha, repository = get_pull(issue).head_sha, issue.repository
    files = list_diff(call.work.get_bare(repository), find_start(call.work, issue), sha)
    return paginate(call, files, lambda work, file: render_file(work, repository, sha, file))


@route("GET", "/repos/{owner}/{repo}/pulls/{number:int}/merge")
def get_merged(call: Call) -> Any:
    """204 when it is merged, 404 when not."""
    if get_pull(_get(call, "read")).merged_at is None:
        raise not_found()
    return Answer(status=204)


@route("PUT", "/repos/{owner}/{repo}/pulls/{number:int}/merge")
def merge(call: Call) -> Any:
    """Merges it; needs the permission to write contents."""
    issue = _get(call, "read")
    call.require(issue.repository, "contents", "write")
    expected = call.find_text("sha")
    if expected is not None and expected != get_pull(issue).head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    method = call.find_text("merge_method") or "merge"
    title, message = call.find_text("commit_title"), call.find_text("commit_message")
    sha = merge_pull(call.work, issue, call.get_actor(), method, title, message)
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


def _get(call: Call, level: str) -> Issue:
    repository = call.get_repository("pull_requests", level)
    issue = call.work.find_issue(repository, call.path["number"])
    if issue is None or issue.pull is None:
        raise not_found()
    return issue
