"""GitHub for a dry run: what is read is real, what would be done is only said."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.github.protocol import GitHubClient
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


@dataclass(frozen=True)
class DryRunGitHub(GitHubClient):
    """Passes reads on to `inner`; `effects` are the sentences of what was not done, in order.

    `token` is the real one, for git to fetch with: whoever would push must ask for the dry run by himself.
    """

    inner: GitHubClient
    effects: list[str] = field(default_factory=list)

    def get_repository(self, repo: str) -> RepositoryInfo:
        """The repository."""
        return self.inner.get_repository(repo)

    def get_permission(self, repo: str, login: str) -> Permission:
        """What that person may do."""
        return self.inner.get_permission(repo, login)

    def get_issue(self, repo: str, number: int) -> Issue:
        """The issue as it stands now."""
        return self.inner.get_issue(repo, number)

    def get_user(self, login: str) -> User:
        """The person of that name."""
        return self.inner.get_user(login)

    def find_file(self, repo: str, path: str, ref: str) -> bytes | None:
        """The content of a file."""
        return self.inner.find_file(repo, path, ref)

    def find_branch(self, repo: str, name: str) -> str | None:
        """The commit that a branch stands at."""
        return self.inner.find_branch(repo, name)

    def find_pull_request(self, repo: str, head: str) -> PullRequest | None:
        """The open pull request from that branch."""
        return self.inner.find_pull_request(repo, head)

    def token(self) -> str:
        """A token for git."""
        return self.inner.token()

    def ensure_reaction(self, repo: str, issue: int, content: Reaction) -> None:
        """Says that it would react."""
        self._say(f"react to {repo}#{issue} with {content}")

    def ensure_comment_reaction(self, repo: str, comment: int, content: Reaction) -> None:
        """Says that it would react."""
        self._say(f"react to the comment {comment} in {repo} with {content}")

    def is_team_member(self, organization: str, team: str, login: str) -> bool:
        """Whether that person is in the team."""
        return self.inner.is_team_member(organization, team, login)

    def get_pull_request(self, repo: str, number: int) -> PullRequest:
        """The pull request of that number."""
        return self.inner.get_pull_request(repo, number)

    def ensure_comment(self, repo: str, issue: int, marker: str, body: str) -> Comment:
        """Says what it would comment; the comment has no id and no page."""
        self._say(f"comment on {repo}#{issue} ({marker}):\n{body}")
        return Comment(id=0, body=body, author="", html_url="")

    def ensure_issue(self, repo: str, marker: str, title: str, body: str, state: IssueState) -> EnsuredIssue:
        """Says what it would write; there is no issue."""
        self._say(f"have the issue {title!r} of {repo} {state}:\n{body}")
        return EnsuredIssue(None, is_new=True)

    def ensure_pull_request(self, repo: str, head: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """Says which pull request it would open or bring up to date; a new one has no number and no page."""
        found = self.inner.find_pull_request(repo, head)
        kind = "draft pull request" if draft else "pull request"
        verb = f"open a {kind}" if found is None else f"make #{found.number} a {kind}"
        self._say(f"{verb} in {repo} from {head} to {base}, titled {title!r}:\n{body}")
        return PullRequest(
            number=0 if found is None else found.number,
            html_url="" if found is None else found.html_url,
            head=head,
            head_sha="" if found is None else found.head_sha,
            base=base,
            draft=draft,
            state="open",
            merged=False,
            title=title,
            body=body,
            node_id="" if found is None else found.node_id,
        )

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
        """Says what it would report on the commit; there is no page."""
        self._say(f"report the check {name!r} on {repo}@{head_sha[:12]} as {conclusion or 'in progress'}: {title}")
        return ""

    def delete_branch(self, repo: str, name: str) -> None:
        """Says that it would delete the branch, when there is one."""
        if self.inner.find_branch(repo, name) is not None:
            self._say(f"delete the branch {name} of {repo}")

    def _say(self, effect: str) -> None:
        self.effects.append(f"would {effect}")
