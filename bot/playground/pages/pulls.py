"""Pull requests: conversation, commits, checks, files, and their buttons."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse, Response

from bot.playground.actions.checks import list_check_runs
from bot.playground.commits import list_commits, list_diff
from bot.playground.git import run_git_text
from bot.playground.pages.diff import read_lines
from bot.playground.pages.issues import make_conversation
from bot.playground.pages.view import View, page
from bot.playground.shapes.pull_request import find_start, get_pull
from bot.playground.tables import Issue

PULL = "/{owner}/{repo}/pull/{number:int}"


@page("GET", PULL)
def show_conversation(view: View) -> Response:
    """The conversation, and the box that says whether it can be merged."""
    issue = view.get_issue(is_pull=True)
    return view.render("pull.html", tab="conversation", **make_conversation(view, issue) | _make_facts(view, issue))


@page("GET", PULL + "/commits")
def show_commits(view: View) -> Response:
    """Its commits, oldest first."""
    issue = view.get_issue(is_pull=True)
    return view.render("pull_commits.html", tab="commits", issue=issue, **_make_facts(view, issue))


@page("GET", PULL + "/checks")
def show_checks(view: View) -> Response:
    """What the Apps found."""
    issue = view.get_issue(is_pull=True)
    return view.render("pull_checks.html", tab="checks", issue=issue, **_make_facts(view, issue))


@page("GET", PULL + "/files")
def show_files(view: View) -> Response:
    """The files that it changes."""
    issue = view.get_issue(is_pull=True)
    return view.render("pull_files.html", tab="files", issue=issue, read_lines=read_lines, **_make_facts(view, issue))


@page("GET", PULL + ".diff")
def show_diff(view: View) -> Response:
    """The same as text."""
    issue = view.get_issue(is_pull=True)
    bare = view.work.get_bare(issue.repository)
    text = run_git_text(bare.path, "diff", find_start(view.work, issue), get_pull(issue).head_sha)
    return PlainTextResponse(text + "\n", headers={"X-Content-Type-Options": "nosniff"})


@page("POST", PULL + "/merge")
def merge(view: View) -> Response:
    """Merges it."""
    person, issue = view.get_person(), view.get_issue(is_pull=True)
    person.merge(issue, view.form.get("method", "merge"))
    return _go_back(view, issue)


@page("POST", PULL + "/draft")
def set_draft(view: View) -> Response:
    """Ready for review, or back to draft."""
    person, issue = view.get_person(), view.get_issue(is_pull=True)
    person.set_draft(issue, view.form.get("draft") == "yes")
    return _go_back(view, issue)


@page("POST", PULL + "/delete-branch")
def delete_branch(view: View) -> Response:
    """Deletes its branch."""
    person, issue = view.get_person(), view.get_issue(is_pull=True)
    person.delete_branch(issue)
    return _go_back(view, issue)


def _go_back(view: View, issue: Issue) -> Response:
    return view.redirect(f"/{issue.repository.full_name}/pull/{issue.number}")


def _make_facts(view: View, issue: Issue) -> dict[str, Any]:
    """What the head of all tabs shows."""
    pull, bare = get_pull(issue), view.work.get_bare(issue.repository)
    permission = view.find_permission(issue.repository)
    end = pull.base_sha if pull.merged_at is None else find_start(view.work, issue)
    return {
        "pull": pull,
        "commits": list_commits(bare, f"{end}..{pull.head_sha}")[::-1],
        "files": list_diff(bare, find_start(view.work, issue), pull.head_sha),
        "checks": list_check_runs(view.work, issue.repository, pull.head_sha, is_latest=True),
        "has_branch": bare.find_branch(pull.head) is not None,
        "repository": issue.repository,
        "may_write": permission in ("admin", "write"),
    }
