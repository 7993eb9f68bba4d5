"""Merge a pull request."""

from __future__ import annotations

from bot.playground.actions import Actor
from bot.playground.actions.pulls import end_merged
from bot.playground.actions.pushes import follow_push
from bot.playground.bare import MergeConflict, Signature
from bot.playground.errors import Refused
from bot.playground.shapes.pull_request import get_pull
from bot.playground.site import Work
from bot.playground.tables import Issue

METHODS = ("merge", "squash")  # as in a repository that switched rebasing off


def merge_pull(
    work: Work, issue: Issue, actor: Actor, method: str, title: str | None = None, message: str | None = None
) -> str:
    """Merges into the base branch and returns the new commit. 405 for drafts, conflicts and what is closed."""
    pull, bare = get_pull(issue), work.get_bare(issue.repository)
    if issue.state != "open" or pull.draft or method not in METHODS:
        raise Refused(405, "Pull Request is not mergeable")
    try:
        tree = bare.merge(pull.base_sha, pull.head_sha)
    except MergeConflict as error:
        raise Refused(405, "Pull Request has merge conflicts") from error
    before = bare.list_refs()
    parents = [pull.base_sha] if method == "squash" else [pull.base_sha, pull.head_sha]
    text = f"{title or _make_title(issue, method)}\n\n{issue.title if message is None else message}"
    who = Signature(actor.account.name or actor.account.login, actor.account.email, work.now())
    sha = bare.commit_tree(tree, parents, text.strip() + "\n", who)
    bare.set_ref(f"refs/heads/{pull.base}", sha, pull.base_sha)
    end_merged(work, issue, actor, sha)
    follow_push(work, issue.repository, actor, before, bare.list_refs())
    return sha


def _make_title(issue: Issue, method: str) -> str:
    if method == "squash":
        return f"{issue.title} (#{issue.number})"
    return f"Merge pull request #{issue.number} from {issue.repository.owner.login}/{get_pull(issue).head}"
