"""Issues: the list, one of them, a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from bot.playground.actions.issues import add_labels
from bot.playground.actions.labels import list_labels
from bot.playground.pages.issue_forms import list_forms, render_answers
from bot.playground.pages.view import View, page
from bot.playground.tables import Comment, Happening, Issue, Label, Reaction, Repository

EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "hooray": "🎉",
    "confused": "😕",
    "heart": "❤️",
    "rocket": "🚀",
    "eyes": "👀",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something on a conversation's timeline: a comment or a happening."""

    when: datetime
    comment: Comment | None
    happening: Happening | None


@page("GET", "/{owner}/{repo}/issues")
def show_issues(view: View) -> Response:
    """The open issues, or the closed ones; perhaps only those with a label."""
    return show_list(view, is_pull=False)


@page("GET", "/{owner}/{repo}/pulls")
def show_pulls(view: View) -> Response:
    """The open pull requests, or the closed ones."""
    return show_list(view, is_pull=True)


@page("GET", "/{owner}/{repo}/issues/new")
def show_new(view: View) -> Response:
    """A new issue: from a form of the repository's, or without one."""
    view.get_person()
    repository = view.get_repository()
    forms = list_forms(view.work.get_bare(repository), repository.default_branch)
    wanted = view.query.get("template", "")
    if forms and not wanted:
        return view.render("issue_choose.html", repository=repository, forms=forms)
    form = next((found for found in forms if found.file == wanted), None)
    return view.render("issue_new.html", repository=repository, form=form, **_get_choices(view, repository))


@page("POST", "/{owner}/{repo}/issues")
def create(view: View) -> Response:
    """Opens it. The labels that a form names are put on whoever writes the issue, as on GitHub."""
    person, repository = view.get_person(), view.get_repository()
    forms = list_forms(view.work.get_bare(repository), repository.default_branch)
    form = next((found for found in forms if found.file == view.form.get("template")), None)
    body = view.form.get("body", "") if form is None else render_answers(form, view.form)
    chosen = [label.name for label in list_labels(view.work, repository) if f"label-{label.id}" in view.form]
    issue = person.open_issue(repository.full_name, view.form.get("title", ""), body, chosen)
    add_labels(view.work, issue, person.actor, () if form is None else form.labels)
    return view.redirect(f"/{repository.full_name}/issues/{issue.number}")


@page("GET", "/{owner}/{repo}/issues/{number:int}")
def show_issue(view: View) -> Response:
    """An issue with its conversation. A pull request is somewhere else."""
    issue = view.get_issue()
    if issue.pull is not None:
        return view.redirect(f"/{issue.repository.full_name}/pull/{issue.number}")
    return view.render("issue.html", **make_conversation(view, issue))


def make_conversation(view: View, issue: Issue) -> dict[str, Any]:
    """What the pages of issues and pull requests have in common."""
    repository = issue.repository
    return {
        "issue": issue,
        "repository": repository,
        "timeline": list_moments(view, issue),
        "reactions": list_reactions(view, issue),
        "stamp": make_stamp(view, issue),
        "is_author": view.account is not None and view.account.id == issue.author_id,
        "edit": view.query.get("edit", ""),
        **_get_choices(view, repository),
    }


def list_moments(view: View, issue: Issue) -> list[Moment]:
    """The conversation in order."""
    happenings = view.work.session.scalars(sa.select(Happening).where(Happening.issue_id == issue.id))
    moments = [Moment(comment.created_at, comment, None) for comment in issue.comments]
    moments += [Moment(happening.created_at, None, happening) for happening in happenings]
    return sorted(moments, key=lambda moment: moment.when)


def list_reactions(view: View, issue: Issue) -> dict[int, list[tuple[str, str]]]:
    """Emoji and the names of those who chose it, by comment (0 is the issue's text)."""
    rows = view.work.session.scalars(sa.select(Reaction).where(Reaction.issue_id == issue.id).order_by(Reaction.id))
    names: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        names.setdefault((row.comment_id, row.content), []).append(row.account.login)
    found: dict[int, list[tuple[str, str]]] = {}
    for (comment, content), logins in names.items():
        found.setdefault(comment, []).append((EMOJI[content], ", ".join(logins)))
    return found


def make_stamp(view: View, issue: Issue) -> str:
    """Changes when something on the page changed; the page's script looks at it."""
    edits = [comment.updated_at.timestamp() for comment in issue.comments]
    reactions = sum(len(found) for found in list_reactions(view, issue).values())
    return f"{issue.updated_at.timestamp()}-{len(edits)}-{max(edits, default=0)}-{reactions}"


def show_list(view: View, *, is_pull: bool) -> Response:
    """The list of issues or of pull requests."""
    repository = view.get_repository()
    state, label = view.query.get("state", "open"), view.query.get("label", "")
    every = _list_issues(view, repository, is_pull, label)
    return view.render(
        "issues.html",
        repository=repository,
        is_pull=is_pull,
        state=state,
        label=label,
        issues=[issue for issue in every if issue.state == state],
        counts={name: sum(issue.state == name for issue in every) for name in ("open", "closed")},
    )


def _list_issues(view: View, repository: Repository, is_pull: bool, label: str) -> list[Issue]:
    query = sa.select(Issue).where(Issue.repository_id == repository.id, ~Issue.deleted)
    query = query.where(Issue.pull.has() if is_pull else ~Issue.pull.has())
    if label:
        query = query.where(Issue.labels.any(Label.name == label))
    return list(view.work.session.scalars(query.order_by(Issue.number.desc())))


def _get_choices(view: View, repository: Repository) -> dict[str, Any]:
    permission = view.find_permission(repository)
    return {
        "every_label": list_labels(view.work, repository),
        "permission": permission,
        "may_write": permission in ("admin", "write"),
    }
