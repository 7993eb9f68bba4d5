"""Comments and reactions."""

from __future__ import annotations

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.actions.limits import check_body
from bot.playground.errors import Refused, invalid
from bot.playground.shapes.issue import REACTIONS, render_comment, render_issue
from bot.playground.site import Work
from bot.playground.tables import Comment, Issue, Reaction
from bot.playground.webhooks.emit import emit


def add_comment(work: Work, issue: Issue, actor: Actor, body: str) -> Comment:
    """A new comment."""
    _check(body)
    comment = Comment(
        issue=issue,
        author=actor.account,
        app=actor.app,
        body=body,
        created_at=work.now(),
        updated_at=work.now(),
    )
    issue.updated_at = work.now()
    work.add(comment)
    _tell(work, comment, actor, "created")
    return comment


def edit_comment(work: Work, comment: Comment, actor: Actor, body: str) -> None:
    """Changes a comment's text; nothing is told when nothing changed."""
    _check(body)
    if body == comment.body:
        return
    before, comment.body, comment.updated_at = comment.body, body, work.now()
    _tell(work, comment, actor, "edited", changes={"body": {"from": before}})


def delete_comment(work: Work, comment: Comment, actor: Actor) -> None:
    """Deletes a comment and its reactions."""
    _tell(work, comment, actor, "deleted")
    work.session.execute(sa.delete(Reaction).where(Reaction.comment_id == comment.id))
    work.session.delete(comment)


def ensure_reaction(
    work: Work, issue: Issue, comment: Comment | None, actor: Actor, content: str
) -> tuple[Reaction, bool]:
    """The actor's reaction of that kind, and whether it is new. Locked issues take none."""
    if content not in REACTIONS:
        raise invalid("Reaction", "content")
    if issue.locked:
        raise Refused(403, "Unable to create reaction because issue is locked")
    key = {
        "issue_id": issue.id,
        "comment_id": 0 if comment is None else comment.id,
        "account_id": actor.account.id,
        "content": content,
    }
    found = work.session.scalar(sa.select(Reaction).filter_by(**key))
    if found is not None:
        return found, False
    work.memo.clear()
    reaction = Reaction(**key, created_at=work.now(), account=actor.account)
    work.add(reaction)
    return reaction, True


def list_comment_reactions(work: Work, comment: Comment) -> list[Reaction]:
    """The reactions to a comment, oldest first."""
    query = sa.select(Reaction).where(Reaction.comment_id == comment.id).order_by(Reaction.id)
    return list(work.session.scalars(query))


def _check(body: str) -> None:
    if not body.strip():
        raise invalid("IssueComment", "body", "missing_field")
    check_body("IssueComment", body)


def _tell(work: Work, comment: Comment, actor: Actor, action: str, **more: object) -> None:
    work.session.flush()
    issue = comment.issue

    def render() -> dict[str, object]:
        return {"issue": render_issue(work, issue), "comment": render_comment(work, comment), **more}

    emit(work, "issue_comment", action, issue.repository, actor.account, render)
