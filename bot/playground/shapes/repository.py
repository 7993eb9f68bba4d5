"""Repositories: https://docs.github.com/en/rest/repos/repos."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import Issue, Repository

# The suffix of each URL template, below the repository's API address.
ROUTES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def render_short_repository(repository: Repository) -> dict[str, Any]:
    """The few fields that installation events name a repository with."""
    return {
        "id": repository.id,
        "node_id": make_node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }


def render_repository(work: Work, repository: Repository) -> dict[str, Any]:
    """The whole repository."""
    api, page = get_api_url(work, repository), get_page_url(work, repository)
    host = work.site.url.split("://", 1)[1]
    return {
        **render_short_repository(repository),
        "owner": render_user(work, repository.owner),
        "html_url": page,
        "description": repository.description,
        "fork": False,
        "url": api,
        **{name: api + suffix for name, suffix in ROUTES.items()},
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host.split(':')[0]}:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "mirror_url": None,
        "language": None,
        "license": None,
        **_render_facts(repository),
        **_render_counts(work, repository),
        **_render_features(),
    }


def render_pushed_repository(work: Work, repository: Repository) -> dict[str, Any]:
    """The repository as the push event tells it: two times are numbers, and the owner has a name."""
    owner = {"name": repository.owner.login, "email": None, **render_user(work, repository.owner)}
    organization = {"organization": repository.owner.login} if repository.owner.kind == "Organization" else {}
    return {
        **render_repository(work, repository),
        **organization,
        "owner": owner,
        "created_at": int(repository.created_at.timestamp()),
        "pushed_at": int(repository.pushed_at.timestamp()),
        "stargazers": 0,
        "master_branch": repository.default_branch,
    }


def render_full_repository(work: Work, repository: Repository, permission: str) -> dict[str, Any]:
    """The answer about one repository, with what the asking one may do there."""
    levels = ("pull", "triage", "push", "maintain", "admin")
    reached = {"none": 0, "read": 1, "write": 3, "admin": 5}[permission]
    return render_repository(work, repository) | {
        "permissions": {level: place < reached for place, level in enumerate(levels)},
        "subscribers_count": 0,
        "network_count": 0,
    }


def get_api_url(work: Work, repository: Repository) -> str:
    """The repository's address in the API."""
    return f"{work.site.api_url}/repos/{repository.full_name}"


def get_page_url(work: Work, repository: Repository) -> str:
    """The repository's page."""
    return f"{work.site.url}/{repository.full_name}"


def _render_facts(repository: Repository) -> dict[str, Any]:
    return {
        "default_branch": repository.default_branch,
        "visibility": "private" if repository.private else "public",
        "created_at": render_time(repository.created_at),
        "updated_at": render_time(repository.pushed_at),
        "pushed_at": render_time(repository.pushed_at),
        "size": 0,
        "topics": [],
        "custom_properties": {},
    }


def _render_counts(work: Work, repository: Repository) -> dict[str, int]:
    query = sa.select(sa.func.count(Issue.id)).where(Issue.repository_id == repository.id, Issue.state == "open")
    open_issues = work.session.scalar(query) or 0
    names = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count")
    return {**dict.fromkeys(names, 0), "open_issues": open_issues, "open_issues_count": open_issues}


def _render_features() -> dict[str, bool]:
    on = dict.fromkeys(("has_issues", "allow_forking"), True)
    names = ("archived", "disabled", "has_discussions", "has_downloads", "has_pages", "has_projects", "has_wiki")
    return on | dict.fromkeys((*names, "is_template", "web_commit_signoff_required"), False)
