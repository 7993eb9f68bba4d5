"""GitHub for an evaluation: one repository, a folder on this machine; whatever would be done there is done nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

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
from bot.workspace.git import Git

BRANCH = "main"
AUTHOR = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Specwright"), ("EMAIL", "specwright@localhost"), ("DATE", "2026-01-01T00:00:00Z"))
}


@dataclass(frozen=True)
class FolderGitHub(GitHubClient):
    """`git` is the git directory that is cloned. `comments` holds the last text of each comment."""

    git: Path
    comments: dict[str, str] = field(default_factory=dict)

    def get_repository(self, repo: str) -> RepositoryInfo:
        """The repository."""
        return RepositoryInfo(repo, BRANCH, self.git.as_uri(), private=True, html_url=self.git.as_uri())

    def get_permission(self, repo: str, login: str) -> Permission:
        """Everybody may write."""
        return "write"

    def get_issue(self, repo: str, number: int) -> Issue:
        """There are no issues."""
        raise NotImplementedError

    def get_user(self, login: str) -> User:
        """Somebody of that name."""
        return User(login, 1)

    def find_file(self, repo: str, path: str, ref: str) -> bytes | None:
        """No step asks for one."""
        raise NotImplementedError

    def find_branch(self, repo: str, name: str) -> str | None:
        """No branch but the first."""
        return None

    def find_pull_request(self, repo: str, head: str) -> PullRequest | None:
        """There is none."""
        return None

    def ensure_reaction(self, repo: str, issue: int, content: Reaction) -> None:
        """Nothing."""

    def ensure_comment(self, repo: str, issue: int, marker: str, body: str) -> Comment:
        """Keeps it."""
        self.comments[marker] = body
        return Comment(id=0, body=body, author="", html_url="")

    def ensure_issue(self, repo: str, marker: str, title: str, body: str, state: IssueState) -> EnsuredIssue:
        """No step tells of drift."""
        raise NotImplementedError

    def ensure_pull_request(self, repo: str, head: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """An evaluation ends before it."""
        raise NotImplementedError

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
        """An evaluation ends before it."""
        raise NotImplementedError

    def delete_branch(self, repo: str, name: str) -> None:
        """Nothing."""

    def token(self) -> str:
        """None is needed."""
        return ""


def make_repository(source: Path, directory: Path) -> FolderGitHub:
    """A git repository of one commit with the files of `source`; the same files give the same commit."""
    git = Git(directory, work_tree=source)
    directory.mkdir(parents=True, exist_ok=True)
    git.run("init", "--quiet", f"--initial-branch={BRANCH}")
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message", "The example", env=AUTHOR)
    return FolderGitHub(directory)
