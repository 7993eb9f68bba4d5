"""Pull requests: https://docs.github.com/en/rest/pulls/pulls."""

from __future__ import annotations

from typing import Any

from bot.playground.access import find_association
from bot.playground.commits import count_commits, list_diff
from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.issue import count_comments, get_issue_page, get_issue_url, render_label
from bot.playground.shapes.repository import get_api_url, render_repository
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import Issue, PullRequest


def get_pull(issue: Issue) -> PullRequest:
    """What makes that issue a pull request."""
    assert issue.pull is not None  # noqa: S101 (callers looked)
    return issue.pull


def render_pull(work: Work, issue: Issue) -> dict[str, Any]:
    """The form that lists have."""
    pull, repository = get_pull(issue), issue.repository
    return {
        **_render_urls(work, issue),
        "id": issue.id,
        "node_id": make_node_id("PR", issue.id),
        "number": issue.number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": render_user(work, issue.author),
        "body": issue.body,
        "labels": [render_label(work, repository, label) for label in issue.labels],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": render_time(issue.created_at),
        "updated_at": render_time(issue.updated_at),
        "closed_at": render_time(issue.closed_at),
        "merged_at": render_time(pull.merged_at),
        "merge_commit_sha": pull.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _render_end(work, issue, pull.head, pull.head_sha),
        "base": _render_end(work, issue, pull.base, pull.base_sha),
        "author_association": find_association(work, repository, issue.author),
        "auto_merge": None,
        "draft": pull.draft,
    }


def render_full_pull(work: Work, issue: Issue) -> dict[str, Any]:
    """The form of the answer about one pull request, with its numbers."""
    pull = get_pull(issue)
    return {
        **render_pull(work, issue),
        "merged": pull.merged_at is not None,
        "mergeable": _find_mergeable(work, issue),
        "rebaseable": None,
        "mergeable_state": "draft" if pull.draft else "unknown",
        "merged_by": None if pull.merged_by is None else render_user(work, pull.merged_by),
        "comments": count_comments(work, issue),
        "review_comments": 0,
        "maintainer_can_modify": False,
        **_render_numbers(work, issue),
    }


def find_start(work: Work, issue: Issue) -> str:
    """The commit that the changes of a pull request are counted from: where it left its base."""
    pull = get_pull(issue)
    return work.get_bare(issue.repository).find_merge_base(pull.base_sha, pull.head_sha) or pull.base_sha


def _render_urls(work: Work, issue: Issue) -> dict[str, Any]:
    repository = issue.repository
    url, page = f"{get_api_url(work, repository)}/pulls/{issue.number}", get_issue_page(work, issue)
    statuses = f"{get_api_url(work, repository)}/statuses/{get_pull(issue).head_sha}"
    urls = {
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": get_issue_url(work, issue),
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{get_api_url(work, repository)}/pulls/comments{{/number}}",
        "comments_url": f"{get_issue_url(work, issue)}/comments",
        "statuses_url": statuses,
    }
    names = ("comments", "commits", "html", "issue", "review_comment", "review_comments", "statuses")
    links = {name: {"href": urls[f"{name}_url"]} for name in names}
    return {**urls, "_links": {"self": {"href": url}, **links}}


def _render_end(work: Work, issue: Issue, branch: str, sha: str) -> dict[str, Any]:
    repository = issue.repository
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": render_user(work, repository.owner),
        "repo": render_repository(work, repository),
    }


def _render_numbers(work: Work, issue: Issue) -> dict[str, int]:
    pull, bare = get_pull(issue), work.get_bare(issue.repository)
    start = find_start(work, issue)
    files = list_diff(bare, start, pull.head_sha)
    return {
        "commits": count_commits(bare, f"{pull.base_sha}..{pull.head_sha}"),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def _find_mergeable(work: Work, issue: Issue) -> bool | None:
    """GitHub says null until it has tried; we try only when somebody merges, so True where nothing has to be merged."""
    pull = get_pull(issue)
    if issue.state == "closed":
        return None
    return work.get_bare(issue.repository).is_ancestor(pull.base_sha, pull.head_sha) or None
