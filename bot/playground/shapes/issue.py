"""Issues, their labels, comments and reactions: https://docs.github.com/en/rest/issues."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from bot.playground.access import find_association
from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.app import render_app
from bot.playground.shapes.repository import get_api_url, get_page_url
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import Comment, Issue, Label, Reaction, Repository

REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
# Those that a new repository has: https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels#about-default-labels
DEFAULT_LABELS = {
    "bug": ("d73a4a", "Something isn't working"),
    "documentation": ("0075ca", "Improvements or additions to documentation"),
    "enhancement": ("a2eeef", "New feature or request"),
    "question": ("d876e3", "Further information is requested"),
}


def render_label(work: Work, repository: Repository, label: Label) -> dict[str, Any]:
    """A label."""
    return {
        "id": label.id,
        "node_id": make_node_id("LA", label.id),
        "url": f"{get_api_url(work, repository)}/labels/{quote(label.name, safe='')}",
        "name": label.name,
        "color": label.color,
        "default": label.name in DEFAULT_LABELS,
        "description": label.description,
        "archived_at": None,
        "archived_by": None,
    }


def render_issue(work: Work, issue: Issue) -> dict[str, Any]:
    """An issue; a pull request in its form as an issue."""
    return {
        **render_issue_urls(work, issue),
        "id": issue.id,
        "node_id": make_node_id("I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": render_user(work, issue.author),
        "labels": [render_label(work, issue.repository, label) for label in issue.labels],
        "state": issue.state,
        "state_reason": issue.state_reason,
        "locked": issue.locked,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": count_comments(work, issue),
        "created_at": render_time(issue.created_at),
        "updated_at": render_time(issue.updated_at),
        "closed_at": render_time(issue.closed_at),
        "closed_by": None if issue.closed_by is None else render_user(work, issue.closed_by),
        "author_association": find_association(work, issue.repository, issue.author),
        "active_lock_reason": None,
        "body": issue.body,
        "performed_via_github_app": None if issue.app is None else render_app(work, issue.app),
        "reactions": render_reactions(work, f"{get_issue_url(work, issue)}/reactions", issue.id, 0),
        **_render_pull_links(work, issue),
    }


def render_issue_urls(work: Work, issue: Issue) -> dict[str, str]:
    """The addresses of an issue."""
    url = get_issue_url(work, issue)
    return {
        "url": url,
        "repository_url": get_api_url(work, issue.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": get_issue_page(work, issue),
    }


def render_comment(work: Work, comment: Comment) -> dict[str, Any]:
    """A comment."""
    issue = comment.issue
    url = f"{get_api_url(work, issue.repository)}/issues/comments/{comment.id}"
    return {
        "url": url,
        "html_url": f"{get_issue_page(work, issue)}#issuecomment-{comment.id}",
        "issue_url": get_issue_url(work, issue),
        "id": comment.id,
        "node_id": make_node_id("IC", comment.id),
        "user": render_user(work, comment.author),
        "created_at": render_time(comment.created_at),
        "updated_at": render_time(comment.updated_at),
        "author_association": find_association(work, issue.repository, comment.author),
        "body": comment.body,
        "reactions": render_reactions(work, f"{url}/reactions", issue.id, comment.id),
        "performed_via_github_app": None if comment.app is None else render_app(work, comment.app),
    }


def render_reaction(work: Work, reaction: Reaction) -> dict[str, Any]:
    """A reaction."""
    return {
        "id": reaction.id,
        "node_id": make_node_id("REA", reaction.id),
        "user": render_user(work, reaction.account),
        "content": reaction.content,
        "created_at": render_time(reaction.created_at),
    }


def render_reactions(work: Work, url: str, issue_id: int, comment_id: int) -> dict[str, Any]:
    """How often each reaction was given."""
    found = work.memo.get(("reactions", issue_id))
    if found is None:
        query = sa.select(Reaction.comment_id, Reaction.content).where(Reaction.issue_id == issue_id)
        found = work.memo["reactions", issue_id] = [tuple(row) for row in work.session.execute(query)]
    counts = Counter(content for comment, content in found if comment == comment_id)
    return {"url": url, "total_count": counts.total(), **{name: counts[name] for name in REACTIONS}}


def get_issue_url(work: Work, issue: Issue) -> str:
    """The issue's address in the API."""
    return f"{get_api_url(work, issue.repository)}/issues/{issue.number}"


def get_issue_page(work: Work, issue: Issue) -> str:
    """The page of the issue or pull request."""
    kind = "issues" if issue.pull is None else "pull"
    return f"{get_page_url(work, issue.repository)}/{kind}/{issue.number}"


def count_comments(work: Work, issue: Issue) -> int:
    """How many comments there are."""
    return work.session.scalar(sa.select(sa.func.count(Comment.id)).where(Comment.issue_id == issue.id)) or 0


def _render_pull_links(work: Work, issue: Issue) -> dict[str, Any]:
    if issue.pull is None:
        return {}
    page = get_issue_page(work, issue)
    links = {
        "url": f"{get_api_url(work, issue.repository)}/pulls/{issue.number}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": render_time(issue.pull.merged_at),
    }
    return {"pull_request": links, "draft": issue.pull.draft}
