"""What follows when refs changed, by git or over the API."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.playground.actions import Actor
from bot.playground.actions.pulls import follow_branch
from bot.playground.bare import EMPTY_TREE
from bot.playground.commits import get_commit, list_commits, list_diff
from bot.playground.shapes.commit import render_pushed_commit
from bot.playground.shapes.repository import get_page_url, render_pushed_repository
from bot.playground.site import Work
from bot.playground.tables import Repository
from bot.playground.webhooks.emit import emit

ZERO = "0" * 40
MAXIMUM_TOLD = 20  # commits of one push that the event lists
HEADS = "refs/heads/"


def follow_push(
    work: Work, repository: Repository, actor: Actor, before: dict[str, str], after: dict[str, str]
) -> None:
    """Tells of each ref that changed; pull requests follow their branches."""
    for ref in sorted(before.keys() | after.keys()):
        old, new = before.get(ref), after.get(ref)
        if old == new:
            continue
        repository.pushed_at = work.now()
        _tell_ref(work, repository, actor, ref, old, new)
        told = partial(_render_push, work, repository, actor, ref, old, new)
        emit(work, "push", None, repository, actor.account, told)
        if ref.startswith(HEADS):
            follow_branch(work, repository, actor, ref.removeprefix(HEADS), new)


def _tell_ref(work: Work, repository: Repository, actor: Actor, ref: str, old: str | None, new: str | None) -> None:
    if old is not None and new is not None:
        return
    kind = "branch" if ref.startswith(HEADS) else "tag"
    payload: dict[str, Any] = {"ref": ref.split("/", 2)[2], "ref_type": kind, "pusher_type": "user"}
    if old is None:
        payload |= {"master_branch": repository.default_branch, "description": repository.description}
    emit(work, "create" if old is None else "delete", None, repository, actor.account, lambda: payload)


def _render_push(
    work: Work, repository: Repository, actor: Actor, ref: str, old: str | None, new: str | None
) -> dict[str, Any]:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#push."""
    bare, page = work.get_bare(repository), get_page_url(work, repository)
    commits = _list_new(work, repository, old, new)
    return {
        "ref": ref,
        "before": old or ZERO,
        "after": new or ZERO,
        "created": old is None,
        "deleted": new is None,
        "forced": old is not None and new is not None and not bare.is_ancestor(old, new),
        "base_ref": None,
        "compare": f"{page}/compare/{(old or ZERO)[:12]}...{(new or ZERO)[:12]}",
        "commits": commits,
        "head_commit": None if new is None else _render(work, repository, new),
        "repository": render_pushed_repository(work, repository),
        "pusher": {"name": actor.account.login, "email": actor.account.email},
    }


def _list_new(work: Work, repository: Repository, old: str | None, new: str | None) -> list[dict[str, Any]]:
    if new is None:
        return []
    bare = work.get_bare(repository)
    start = old or bare.find_branch(repository.default_branch)
    range_ = new if start is None or start == new else f"{start}..{new}"
    found = list_commits(bare, range_, MAXIMUM_TOLD)
    return [_render(work, repository, commit.sha) for commit in reversed(found)]


def _render(work: Work, repository: Repository, sha: str) -> dict[str, Any]:
    bare = work.get_bare(repository)
    commit = get_commit(bare, sha)
    parent = commit.parents[0] if commit.parents else EMPTY_TREE
    return render_pushed_commit(work, repository, commit, list_diff(bare, parent, sha))
