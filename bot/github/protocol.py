"""What the bot asks of GitHub. `GitHub` does it, `DryRunGitHub` only says what it would do."""

from __future__ import annotations

from typing import Protocol

from bot.github.values import (
    Comment,
    Conclusion,
    EnsuredIssue,
    Issue,
    IssueState,
    Permission,
    PullRequest,
    Reaction,
    RepositoryInfo,
    User,
)


class GitHubClient(Protocol):
    """One installation of the App. `repo` is always owner/name. Every method raises `GitHubError`."""

    def get_repository(self, repo: str) -> RepositoryInfo:
        """The repository."""
        ...

    def get_permission(self, repo: str, login: str) -> Permission:
        """What that person may do in the repository; `none` also for people unknown to GitHub."""
        ...

    def get_issue(self, repo: str, number: int) -> Issue:
        """The issue as it stands now."""
        ...

    def get_user(self, login: str) -> User:
        """The person of that name."""
        ...

    def find_file(self, repo: str, path: str, ref: str) -> bytes | None:
        """The content of a file at a branch or commit; None when there is none. At most 1 MB (GitHub's limit)."""
        ...

    def find_branch(self, repo: str, name: str) -> str | None:
        """The commit that a branch stands at."""
        ...

    def find_pull_request(self, repo: str, head: str) -> PullRequest | None:
        """The open pull request from that branch of the same repository."""
        ...

    def ensure_reaction(self, repo: str, issue: int, content: Reaction) -> None:
        """The bot's reaction to the issue's text."""
        ...

    def ensure_comment_reaction(self, repo: str, comment: int, content: Reaction) -> None:
        """The bot's reaction to a comment (its id) on an issue or a pull request."""
        ...

    def is_team_member(self, organization: str, team: str, login: str) -> bool:
        """Whether that person is an active member of the team (its slug). `Forbidden`: the App may not see members."""
        ...

    def get_pull_request(self, repo: str, number: int) -> PullRequest:
        """The pull request of that number as it stands now."""
        ...

    def ensure_comment(self, repo: str, issue: int, marker: str, body: str) -> Comment:
        """The bot's one comment of that marker on the issue: made, or brought to `body`."""
        ...

    def ensure_issue(self, repo: str, marker: str, title: str, body: str, state: IssueState) -> EnsuredIssue:
        """The bot's one issue of that marker, made or brought to text and state, left alone when it tells the same."""
        ...

    def ensure_pull_request(self, repo: str, head: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """The open pull request from `head`: made, or brought to title, body and draft state."""
        ...

    def ensure_check_run(
        self,
        repo: str,
        head_sha: str,
        name: str,
        external_id: str,
        conclusion: Conclusion | None,
        title: str,
        summary: str,
    ) -> str:
        """The check of that external id on the commit, and its page's URL. No conclusion means in progress."""
        ...

    def delete_branch(self, repo: str, name: str) -> None:
        """No branch of that name any more; nothing happens when there is none."""
        ...

    def token(self) -> str:
        """A token for git over HTTPS, good for at least some minutes. User name: x-access-token."""
        ...
