"""Open, edit, close and label issues. Pull requests are issues too and tell of it as pull requests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.actions.labels import ensure_label
from bot.playground.actions.limits import check_body, check_title
from bot.playground.shapes.issue import render_issue, render_label
from bot.playground.shapes.pull_request import render_full_pull
from bot.playground.site import Work
from bot.playground.tables import Happening, Issue, Label, Repository
from bot.playground.webhooks.emit import emit


def make_issue(work: Work, repository: Repository, actor: Actor, title: str, body: str | None) -> Issue:
    """The row of a new issue, or of the issue that a pull request is."""
    query = sa.select(sa.func.max(Issue.number)).where(Issue.repository_id == repository.id)
    return Issue(
        repository_id=repository.id,
        repository=repository,
        number=(work.session.scalar(query) or 0) + 1,
        title=title.strip(),
        body=body,
        author_id=actor.account.id,
        author=actor.account,
        app_id=actor.app_id,
        app=actor.app,
        state="open",
        locked=False,
        deleted=False,
        created_at=work.now(),
        updated_at=work.now(),
    )


def open_issue(
    work: Work, repository: Repository, actor: Actor, title: str, body: str | None, labels: Iterable[str] = ()
) -> Issue:
    """Opens an issue; its first labels come as events of their own, as on GitHub."""
    check_title("Issue", title)
    check_body("Issue", body)
    issue = make_issue(work, repository, actor, title, body)
    work.add(issue)
    tell(work, issue, actor, "opened")
    add_labels(work, issue, actor, labels)
    return issue


def edit_issue(work: Work, issue: Issue, actor: Actor, title: str | None, body: str | None) -> None:
    """Changes title and body; None leaves it as it is. Nothing is told when nothing changed."""
    changes: dict[str, Any] = {}
    if title is not None and title.strip() != issue.title:
        check_title("Issue", title)
        changes["title"] = {"from": issue.title}
        record(work, issue, actor, "renamed", before=issue.title, after=title.strip())
        issue.title = title.strip()
    if body is not None and body != (issue.body or ""):
        check_body("Issue", body)
        changes["body"] = {"from": issue.body or ""}
        issue.body = body
    if changes:
        tell(work, issue, actor, "edited", changes=changes)


def close_issue(work: Work, issue: Issue, actor: Actor, reason: str | None = "completed") -> None:
    """Closes an issue that is open. A pull request has no reason."""
    if issue.state == "closed":
        return
    issue.state, issue.closed_at, issue.closed_by = "closed", work.now(), actor.account
    issue.state_reason = None if issue.pull else reason
    record(work, issue, actor, "closed", reason=issue.state_reason or "")
    tell(work, issue, actor, "closed")


def reopen_issue(work: Work, issue: Issue, actor: Actor) -> None:
    """Opens an issue again."""
    if issue.state == "open":
        return
    issue.state, issue.closed_at, issue.closed_by = "open", None, None
    issue.state_reason = None if issue.pull else "reopened"
    record(work, issue, actor, "reopened")
    tell(work, issue, actor, "reopened")


def delete_issue(work: Work, issue: Issue, actor: Actor) -> None:
    """Deletes an issue: it is gone for everybody, but its number is not given again."""
    tell(work, issue, actor, "deleted")
    issue.deleted, issue.state = True, "closed"


def add_labels(work: Work, issue: Issue, actor: Actor, names: Iterable[str]) -> None:
    """Puts labels on an issue, made where there are none of that name."""
    for name in names:
        label = ensure_label(work, issue.repository, actor, name)
        if label not in issue.labels:
            issue.labels.append(label)
            record(work, issue, actor, "labeled", label=label.name, color=label.color)
            tell(work, issue, actor, "labeled", label=render_label(work, issue.repository, label))


def remove_label(work: Work, issue: Issue, actor: Actor, label: Label) -> None:
    """Takes a label off an issue."""
    issue.labels.remove(label)
    record(work, issue, actor, "unlabeled", label=label.name, color=label.color)
    tell(work, issue, actor, "unlabeled", label=render_label(work, issue.repository, label))


def record(work: Work, issue: Issue, actor: Actor, kind: str, **detail: str) -> None:
    """A line of the timeline."""
    issue.updated_at = work.now()
    row = Happening(issue_id=issue.id, actor_id=actor.account.id, kind=kind, detail=detail, created_at=work.now())
    work.add(row)


def tell(work: Work, issue: Issue, actor: Actor, action: str, **more: Any) -> None:
    """The event of an issue or a pull request."""
    issue.updated_at = work.now()
    work.session.flush()
    event = "issues" if issue.pull is None else "pull_request"

    def render() -> dict[str, Any]:
        if issue.pull is None:
            return {"issue": render_issue(work, issue), **more}
        return {"number": issue.number, "pull_request": render_full_pull(work, issue), **more}

    emit(work, event, action, issue.repository, actor.account, render)
