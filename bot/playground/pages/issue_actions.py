"""The buttons of an issue or a pull request; each leads back to its page."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from bot.playground.actions.labels import create_label
from bot.playground.errors import not_found
from bot.playground.pages.issues import make_stamp
from bot.playground.pages.view import View, page
from bot.playground.tables import Comment, Issue

ISSUE = "/{owner}/{repo}/issues/{number:int}"


@page("GET", ISSUE + "/stamp")
def show_stamp(view: View) -> Response:
    """A short text that changes when the page did."""
    return PlainTextResponse(make_stamp(view, view.get_issue()), headers={"Cache-Control": "no-store"})


@page("POST", ISSUE + "/comments")
def comment(view: View) -> Response:
    """Adds the comment; the other button closes or reopens the issue, too."""
    person, issue = view.get_person(), view.get_issue()
    made = person.comment(issue, view.form["body"]) if view.form.get("body", "").strip() else None
    if view.form.get("then") == "close":
        person.close_issue(issue)
    elif view.form.get("then") == "not_planned":
        person.close_issue(issue, "not_planned")
    elif view.form.get("then") == "reopen":
        person.reopen_issue(issue)
    return _go_back(view, issue, "" if made is None else f"#issuecomment-{made.id}")


@page("POST", ISSUE + "/edit")
def edit(view: View) -> Response:
    """Changes the title or the text."""
    person, issue = view.get_person(), view.get_issue()
    person.edit_issue(issue, view.form.get("title"), view.form.get("body"))
    return _go_back(view, issue)


@page("POST", "/{owner}/{repo}/issues/comments/{comment:int}/edit")
def edit_comment(view: View) -> Response:
    """Changes a comment."""
    person, repository = view.get_person(), view.get_repository()
    found = view.work.session.get(Comment, view.path["comment"])
    if found is None or found.issue.repository_id != repository.id:
        raise not_found()
    person.edit_comment(found, view.form.get("body", ""))
    return _go_back(view, found.issue, f"#issuecomment-{found.id}")


@page("POST", ISSUE + "/labels")
def change_labels(view: View) -> Response:
    """Puts a label on or takes it off."""
    person, issue = view.get_person(), view.get_issue()
    if view.form.get("add"):
        person.add_label(issue, view.form["add"])
    if view.form.get("remove"):
        person.remove_label(issue, view.form["remove"])
    return _go_back(view, issue)


@page("POST", ISSUE + "/lock")
def lock(view: View) -> Response:
    """Locks or unlocks the conversation."""
    person, issue = view.get_person(), view.get_issue()
    person.set_locked(issue, not issue.locked)
    return _go_back(view, issue)


@page("POST", ISSUE + "/delete")
def delete(view: View) -> Response:
    """Deletes the issue."""
    person, issue = view.get_person(), view.get_issue(is_pull=False)
    person.delete_issue(issue)
    return view.redirect(f"/{issue.repository.full_name}/issues")


@page("POST", "/{owner}/{repo}/labels")
def make_label(view: View) -> Response:
    """A new label."""
    person, repository = view.get_person(), view.get_repository()
    person.require_write(repository)
    name, color = view.form.get("name", ""), view.form.get("color", "").lstrip("#")
    create_label(view.work, repository, person.actor, name, color, view.form.get("description") or None)
    return view.redirect(f"/{repository.full_name}/labels")


def _go_back(view: View, issue: Issue, anchor: str = "") -> Response:
    kind = "issues" if issue.pull is None else "pull"
    return view.redirect(f"/{issue.repository.full_name}/{kind}/{issue.number}{anchor}")
