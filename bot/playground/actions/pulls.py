"""Open pull requests and follow their branches."""

from __future__ import annotations

import re

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.actions.issues import close_issue, make_issue, record, tell
from bot.playground.actions.limits import check_body, check_title
from bot.playground.commits import count_commits
from bot.playground.errors import Refused, custom, invalid
from bot.playground.shapes.pull_request import get_pull
from bot.playground.site import Work
from bot.playground.tables import Issue, PullRequest, Repository

# https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
CLOSING = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b", re.IGNORECASE)


def open_pull(
    work: Work, repository: Repository, actor: Actor, title: str, body: str | None, head: str, base: str, draft: bool
) -> Issue:
    """Opens a pull request from branch `head` of the same repository."""
    check_title("PullRequest", title)
    check_body("PullRequest", body)
    branch = head.removeprefix(f"{repository.owner.login}:")
    head_sha, base_sha = _check_ends(work, repository, branch, base)
    if draft and not repository.has_drafts:
        raise no_drafts()
    if list_open_pulls(work, repository, branch, base):
        raise custom("PullRequest", f"A pull request already exists for {repository.owner.login}:{branch}.")
    issue = make_issue(work, repository, actor, title, body)
    issue.pull = PullRequest(head=branch, head_sha=head_sha, base=base, base_sha=base_sha, draft=draft)
    work.add(issue)
    _publish_head(work, issue)
    tell(work, issue, actor, "opened")
    return issue


def no_drafts() -> Refused:
    """What private repositories of free plans say to drafts."""
    return Refused(422, "Draft pull requests are not supported in this repository.")


def list_open_pulls(
    work: Work, repository: Repository, head: str | None = None, base: str | None = None
) -> list[Issue]:
    """The open pull requests from a branch, to a branch."""
    query = sa.select(Issue).join(PullRequest).where(Issue.repository_id == repository.id, Issue.state == "open")
    if head is not None:
        query = query.where(PullRequest.head == head)
    if base is not None:
        query = query.where(PullRequest.base == base)
    return list(work.session.scalars(query.order_by(Issue.number)))


def set_draft(work: Work, issue: Issue, actor: Actor, draft: bool) -> None:
    """Turns a draft into a pull request that is ready for review, or back."""
    pull = get_pull(issue)
    if pull.draft == draft:
        return
    if draft and not issue.repository.has_drafts:
        raise no_drafts()
    pull.draft = draft
    record(work, issue, actor, "convert_to_draft" if draft else "ready_for_review")
    tell(work, issue, actor, "converted_to_draft" if draft else "ready_for_review")


def set_base(work: Work, issue: Issue, actor: Actor, base: str) -> None:
    """Asks for the merge into another branch. Nothing is told when it is the same."""
    pull, repository = get_pull(issue), issue.repository
    if base == pull.base:
        return
    if list_open_pulls(work, repository, pull.head, base):
        raise custom(
            "PullRequest", f"A pull request already exists for base branch '{base}' and head branch '{pull.head}'"
        )
    _, sha = _check_ends(work, repository, pull.head, base)
    changes = {"base": {"ref": {"from": pull.base}, "sha": {"from": pull.base_sha}}}
    record(work, issue, actor, "base_ref_changed", before=pull.base, after=base)
    pull.base, pull.base_sha = base, sha
    tell(work, issue, actor, "edited", changes=changes)


def follow_branch(work: Work, repository: Repository, actor: Actor, branch: str, sha: str | None) -> None:
    """What a push does to pull requests.

    New commits join those from the branch, which close when it is deleted. Those to the branch are merged when their
    commits got there.
    """
    for issue in list_open_pulls(work, repository, head=branch):
        if sha is None:
            close_issue(work, issue, actor)
        elif sha != get_pull(issue).head_sha:
            _move_head(work, issue, actor, sha)
    for issue in list_open_pulls(work, repository, base=branch):
        if sha is None:
            continue
        pull = get_pull(issue)
        if work.get_bare(repository).is_ancestor(pull.head_sha, sha):
            end_merged(work, issue, actor, sha)
        else:
            pull.base_sha = sha


def end_merged(work: Work, issue: Issue, actor: Actor, sha: str) -> None:
    """The end of a pull request whose commits are in its base; closes the issues that it says it closes."""
    pull = get_pull(issue)
    pull.merged_at, pull.merged_by, pull.merge_sha = work.now(), actor.account, sha
    record(work, issue, actor, "merged", sha=sha, base=pull.base)
    close_issue(work, issue, actor)
    if pull.base != issue.repository.default_branch:
        return
    for number in dict.fromkeys(CLOSING.findall(issue.body or "")):
        closed = work.find_issue(issue.repository, int(number))
        if closed is not None and closed.pull is None:
            close_issue(work, closed, actor)


def _move_head(work: Work, issue: Issue, actor: Actor, sha: str) -> None:
    pull = get_pull(issue)
    before, pull.head_sha = pull.head_sha, sha
    _publish_head(work, issue)
    record(work, issue, actor, "pushed", before=before, after=sha)
    tell(work, issue, actor, "synchronize", before=before, after=sha)


def _check_ends(work: Work, repository: Repository, head: str, base: str) -> tuple[str, str]:
    bare = work.get_bare(repository)
    ends = {"head": bare.find_branch(head), "base": bare.find_branch(base)}
    for field, sha in ends.items():
        if sha is None:
            raise invalid("PullRequest", field)
    head_sha, base_sha = str(ends["head"]), str(ends["base"])
    if bare.find_merge_base(base_sha, head_sha) is None:
        raise custom("PullRequest", f"The {head} branch has no history in common with {base}")
    if count_commits(bare, f"{base_sha}..{head_sha}") == 0:
        raise custom("PullRequest", f"No commits between {base} and {head}")
    return head_sha, base_sha


def _publish_head(work: Work, issue: Issue) -> None:
    """Each pull request's head can be fetched as refs/pull/N/head, also after its branch is gone."""
    work.get_bare(issue.repository).set_ref(f"refs/pull/{issue.number}/head", get_pull(issue).head_sha)
