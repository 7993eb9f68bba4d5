"""What people do on the pages, each with a look at whether they may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.playground.access import AsPerson, find_permission, is_at_least, may_see
from bot.playground.actions import Actor, comments, issues, pulls
from bot.playground.actions.labels import find_label
from bot.playground.actions.merge import merge_pull
from bot.playground.actions.pushes import follow_push
from bot.playground.errors import Refused, not_found
from bot.playground.shapes.pull_request import get_pull
from bot.playground.site import Work
from bot.playground.tables import Account, Comment, Issue, Repository


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    work: Work
    account: Account

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(self.account)

    def may_write(self, repository: Repository) -> bool:
        """Whether the person may label, close, merge."""
        return is_at_least(find_permission(self.work, repository, self.account), "write")

    def may_edit(self, issue: Issue) -> bool:
        """Whether the person may change the issue: its author may, too."""
        return self.account.id == issue.author_id or self.may_write(issue.repository)

    def get_repository(self, full_name: str) -> Repository:
        """The repository, when the person sees it."""
        owner, _, name = full_name.partition("/")
        found = self.work.find_repository(owner, name)
        if found is None or not may_see(self.work, AsPerson(self.account), found):
            raise not_found()
        return found

    def get_issue(self, full_name: str, number: int) -> Issue:
        """The issue or pull request, when the person sees it."""
        found = self.work.find_issue(self.get_repository(full_name), number)
        if found is None or found.deleted:
            raise not_found()
        return found

    def open_issue(self, full_name: str, title: str, body: str, labels: Iterable[str] = ()) -> Issue:
        """A new issue. Labels of those who may not write are dropped, as GitHub does."""
        repository = self.get_repository(full_name)
        allowed = labels if self.may_write(repository) else ()
        return issues.open_issue(self.work, repository, self.actor, title, body, allowed)

    def edit_issue(self, issue: Issue, title: str | None, body: str | None) -> None:
        """Changes title and body."""
        self._check(self.may_edit(issue))
        issues.edit_issue(self.work, issue, self.actor, title, body)

    def close_issue(self, issue: Issue, reason: str = "completed") -> None:
        """Closes it."""
        self._check(self.may_edit(issue))
        issues.close_issue(self.work, issue, self.actor, reason)

    def reopen_issue(self, issue: Issue) -> None:
        """Opens it again."""
        self._check(self.may_edit(issue))
        if issue.pull and issue.pull.merged_at is not None:
            raise Refused(422, "A merged pull request cannot be reopened")
        issues.reopen_issue(self.work, issue, self.actor)

    def delete_issue(self, issue: Issue) -> None:
        """Deletes an issue; only administrators may."""
        self._check(find_permission(self.work, issue.repository, self.account) == "admin" and issue.pull is None)
        issues.delete_issue(self.work, issue, self.actor)

    def add_label(self, issue: Issue, name: str) -> None:
        """Puts a label on it."""
        self._check(self.may_write(issue.repository))
        issues.add_labels(self.work, issue, self.actor, [name])

    def remove_label(self, issue: Issue, name: str) -> None:
        """Takes a label off it."""
        self._check(self.may_write(issue.repository))
        label = find_label(self.work, issue.repository, name)
        if label is None or label not in issue.labels:
            raise not_found()
        issues.remove_label(self.work, issue, self.actor, label)

    def comment(self, issue: Issue, body: str) -> Comment:
        """A new comment."""
        self._check(not issue.locked or self.may_write(issue.repository))
        return comments.add_comment(self.work, issue, self.actor, body)

    def edit_comment(self, comment: Comment, body: str) -> None:
        """Changes a comment: one's own, or anybody's with write access."""
        self._check(comment.author_id == self.account.id or self.may_write(comment.issue.repository))
        comments.edit_comment(self.work, comment, self.actor, body)

    def set_locked(self, issue: Issue, locked: bool) -> None:
        """Locks or unlocks the conversation."""
        self._check(self.may_write(issue.repository))
        issue.locked = locked
        issues.record(self.work, issue, self.actor, "locked" if locked else "unlocked")
        issues.tell(self.work, issue, self.actor, "locked" if locked else "unlocked")

    def set_draft(self, issue: Issue, draft: bool) -> None:
        """Ready for review, or back to draft."""
        self._check(self.may_edit(issue))
        pulls.set_draft(self.work, issue, self.actor, draft)

    def merge(self, issue: Issue, method: str = "merge") -> str:
        """Merges a pull request."""
        self._check(self.may_write(issue.repository))
        return merge_pull(self.work, issue, self.actor, method)

    def delete_branch(self, issue: Issue) -> None:
        """Deletes the branch of a pull request that is closed."""
        self._check(self.may_write(issue.repository) and issue.state == "closed")
        bare, ref = self.work.get_bare(issue.repository), f"refs/heads/{get_pull(issue).head}"
        before = bare.list_refs()
        if ref in before:
            bare.delete_ref(ref)
            follow_push(self.work, issue.repository, self.actor, before, bare.list_refs())

    def require_write(self, repository: Repository) -> None:
        """Refuses who may not write."""
        self._check(self.may_write(repository))

    def _check(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise Refused(403, f"{self.account.login} may not do this here")
