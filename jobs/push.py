"""The run's branch on GitHub: pushed over what runs made, never over what people did."""

from __future__ import annotations

from bot.github.dry_run import DryRunGitHub
from bot.workspace.git_errors import PushRejected
from jobs.context import RunContext
from jobs.continuation import has_pushed
from jobs.endings import Failed


def push(context: RunContext, commit: str) -> None:
    """Brings the branch to that commit. Raises `Failed` when it holds commits that no run made, and `GitError`."""
    branch, token = context.branch, context.github.token()
    remote = context.mirror.find_remote_commit(branch, token)
    if remote == commit:
        return
    if remote is not None and not _is_ours(context, remote):
        raise Failed("branch_taken", branch=branch, commit=remote)
    if isinstance(context.github, DryRunGitHub):
        context.github.effects.append(f"push the commit {commit[:12]} to the branch {branch}")
        return
    try:
        context.mirror.push(commit, branch, token, remote)
    except PushRejected as error:  # somebody pushed between our look and our push
        raise Failed("branch_taken", branch=branch, commit=str(error)) from error


def _is_ours(context: RunContext, commit: str) -> bool:
    store, run = context.store, context.run
    return store.has_pushed(run.repository, context.branch, commit) or has_pushed(store, run.id, commit)


def take_back(context: RunContext, commit: str) -> None:
    """Removes the branch if it was pushed and no pull request stands on it: nothing half-made is left."""
    repository, branch = context.run.repository, context.branch
    if context.github.find_pull_request(repository, branch) is not None:
        return
    if context.mirror.find_remote_commit(branch, context.github.token()) == commit:
        context.github.delete_branch(repository, branch)
