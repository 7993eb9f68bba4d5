"""Commits, refs and files that a commit changed: https://docs.github.com/en/rest/commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from bot.playground.commits import Commit, FileDiff
from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.repository import get_api_url, get_page_url
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import Account, Repository

UNVERIFIED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def render_commit(work: Work, repository: Repository, commit: Commit) -> dict[str, Any]:
    """A commit with the accounts that its addresses belong to."""
    url, page = f"{get_api_url(work, repository)}/commits/{commit.sha}", get_page_url(work, repository)
    return {
        "sha": commit.sha,
        "node_id": make_node_id("C", repository.id) + commit.sha,
        "url": url,
        "html_url": f"{page}/commit/{commit.sha}",
        "comments_url": f"{url}/comments",
        "commit": _render_git_commit(work, repository, commit),
        "author": _render_known(work, commit.author_email),
        "committer": _render_known(work, commit.committer_email),
        "parents": [_render_parent(work, repository, sha) for sha in commit.parents],
    }


def render_pushed_commit(
    work: Work, repository: Repository, commit: Commit, files: Iterable[FileDiff]
) -> dict[str, Any]:
    """A commit as the push event tells it: https://docs.github.com/en/webhooks/webhook-events-and-payloads#push."""
    files = list(files)
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "distinct": True,
        "message": commit.message,
        "timestamp": commit.committed_at.isoformat(),
        "url": f"{get_page_url(work, repository)}/commit/{commit.sha}",
        "author": _render_pusher(work, commit.author_name, commit.author_email),
        "committer": _render_pusher(work, commit.committer_name, commit.committer_email),
        "added": [file.path for file in files if file.status in ("added", "renamed", "copied")],
        "removed": [file.old_path or file.path for file in files if file.status in ("removed", "renamed")],
        "modified": [file.path for file in files if file.status in ("modified", "changed")],
    }


def render_file(work: Work, repository: Repository, sha: str, file: FileDiff) -> dict[str, Any]:
    """How one file differs, at the commit `sha`."""
    path, api, page = quote(file.path), get_api_url(work, repository), get_page_url(work, repository)
    return {
        "sha": file.sha,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{page}/blob/{sha}/{path}",
        "raw_url": f"{page}/raw/{sha}/{path}",
        "contents_url": f"{api}/contents/{path}?ref={sha}",
        **({} if file.patch is None else {"patch": file.patch}),
        **({} if file.old_path is None else {"previous_filename": file.old_path}),
    }


def render_ref(work: Work, repository: Repository, name: str, sha: str) -> dict[str, Any]:
    """A ref (full name)."""
    api = get_api_url(work, repository)
    return {
        "ref": name,
        "node_id": make_node_id("REF", repository.id) + name,
        "url": f"{api}/git/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{api}/git/commits/{sha}"},
    }


def _render_git_commit(work: Work, repository: Repository, commit: Commit) -> dict[str, Any]:
    api = get_api_url(work, repository)
    author = {"name": commit.author_name, "email": commit.author_email, "date": render_time(commit.authored_at)}
    committer = {
        "name": commit.committer_name,
        "email": commit.committer_email,
        "date": render_time(commit.committed_at),
    }
    return {
        "author": author,
        "committer": committer,
        "message": commit.message,
        "tree": {"sha": commit.tree, "url": f"{api}/git/trees/{commit.tree}"},
        "url": f"{api}/git/commits/{commit.sha}",
        "comment_count": 0,
        "verification": UNVERIFIED,
    }


def find_known(work: Work, email: str) -> Account | None:
    """The account that an address belongs to: id+login@users.noreply.github.com."""
    name, _, host = email.partition("@")
    number, _, login = name.partition("+")
    account = work.find_account(login) if host == "users.noreply.github.com" else None
    return account if account is not None and str(account.id) == number else None


def _render_known(work: Work, email: str) -> dict[str, Any] | None:
    account = find_known(work, email)
    return None if account is None else render_user(work, account)


def _render_pusher(work: Work, name: str, email: str) -> dict[str, str]:
    account = find_known(work, email)
    return {"name": name, "email": email, **({} if account is None else {"username": account.login})}


def _render_parent(work: Work, repository: Repository, sha: str) -> dict[str, str]:
    return {
        "sha": sha,
        "url": f"{get_api_url(work, repository)}/commits/{sha}",
        "html_url": f"{get_page_url(work, repository)}/commit/{sha}",
    }
