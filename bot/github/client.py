"""The bot as a GitHub App, and one installation of it: what the rest of the bot speaks to."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import githubkit
import httpx
from githubkit import Response
from githubkit.auth.app import AppAuthStrategy
from githubkit.cache import MemCacheStrategy
from githubkit.versions import RestVersionSwitcher

from bot.github import check_runs, comments, contents, issues, pull_requests
from bot.github.auth import InstallationAuth, InstallationToken, TokenCache
from bot.github.connection import Connection, Patience
from bot.github.errors import NotFound
from bot.github.names import quote_login, quote_segments, split_repository
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
    read_issue,
    read_pull_request,
    read_repository,
    read_user,
)

T = TypeVar("T")

USER_AGENT = "specwright"
TIMEOUT_SECONDS = 30
_PERMISSIONS: dict[str, Permission] = {"admin": "admin", "write": "write", "read": "read"}


@dataclass
class GitHubApp:
    """The App: signs in with its private key (PEM) and speaks for its installations.

    `api_url` is the REST API's base: https://api.github.com, or https://HOST/api/v3 of an Enterprise server.
    """

    api_url: str
    app_id: str
    private_key: str = field(repr=False)
    patience: Patience = field(default_factory=Patience)

    def installation(self, installation_id: int) -> GitHub:
        """The client of one installation. Its token is shared by all clients of this App in this process."""
        api = self._open(InstallationAuth(self._tokens, installation_id))
        connection = Connection(api, self.patience, lambda: self._tokens.forget(installation_id))
        return GitHub(self, installation_id, connection)

    def find_installation(self, repo: str) -> int | None:
        """The id of the installation that covers a repository, or None."""
        try:
            owner, name = split_repository(repo)
            return self._connection.repeat(
                lambda: self._connection.call(
                    lambda rest: rest.apps.get_repo_installation(owner, name), lambda data: int(data["id"])
                )
            )
        except NotFound:
            return None

    def get_token(self, installation_id: int) -> str:
        """The installation's token, good for at least some minutes."""
        return self._tokens.get(installation_id)

    @cached_property
    def login(self) -> str:
        """The name that the App acts under, e.g. specwright[bot]. Asked of GitHub once."""
        return self._connection.repeat(
            lambda: self._connection.call(
                lambda rest: rest.apps.get_authenticated(), lambda data: f"{data['slug']}[bot]"
            )
        )

    @cached_property
    def _connection(self) -> Connection:
        return Connection(self._open(AppAuthStrategy(self.app_id, self.private_key)), self.patience)

    @cached_property
    def _tokens(self) -> TokenCache:
        return TokenCache(self._create_token)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once: loading the certificates costs more than most requests."""
        return httpx.create_ssl_context()

    def _open(self, auth: Any) -> githubkit.GitHub[Any]:
        return githubkit.GitHub(
            auth,
            base_url=self.api_url,
            user_agent=USER_AGENT,
            timeout=TIMEOUT_SECONDS,
            ssl_verify=self._tls,
            cache_strategy=MemCacheStrategy(),  # githubkit's default is shared by all Apps and servers of a process
            http_cache=False,
            auto_retry=self.patience.decide,
        )

    def _create_token(self, installation_id: int) -> InstallationToken:
        return self._connection.repeat(
            lambda: self._connection.call(
                lambda rest: rest.apps.create_installation_access_token(installation_id), _read_token
            )
        )


def _read_token(data: Any) -> InstallationToken:
    return InstallationToken(data["token"], datetime.fromisoformat(data["expires_at"]))


@dataclass(frozen=True)
class GitHub:
    """One installation of the App: the verbs of `GitHubClient`, each safe to repeat."""

    app: GitHubApp
    installation_id: int
    connection: Connection

    def get_repository(self, repo: str) -> RepositoryInfo:
        """The repository."""
        owner, name = split_repository(repo)
        return self._get(lambda rest: rest.repos.get(owner, name), read_repository)

    def get_permission(self, repo: str, login: str) -> Permission:
        """What that person may do; GitHub counts maintainers as `write` and triagers as `read` here."""
        owner, name = split_repository(repo)
        try:
            answer: str = self._get(
                lambda rest: rest.repos.get_collaborator_permission_level(owner, name, quote_login(login)),
                lambda data: data["permission"],
            )
        except NotFound:
            return "none"
        return _PERMISSIONS.get(answer, "none")

    def get_issue(self, repo: str, number: int) -> Issue:
        """The issue as it stands now."""
        owner, name = split_repository(repo)
        return self._get(lambda rest: rest.issues.get(owner, name, number), read_issue)

    def get_user(self, login: str) -> User:
        """The person of that name."""
        return self._get(lambda rest: rest.users.get_by_username(quote_login(login)), read_user)

    def find_file(self, repo: str, path: str, ref: str) -> bytes | None:
        """The content of a file; raises `FileTooLarge` above 1 MB."""
        return self._repeat(lambda: contents.find_file(self.connection, repo, path, ref))

    def find_branch(self, repo: str, name: str) -> str | None:
        """The commit that a branch stands at."""
        return self._repeat(lambda: contents.find_branch(self.connection, repo, name))

    def find_pull_request(self, repo: str, head: str) -> PullRequest | None:
        """The open pull request from that branch of the same repository."""
        return self._repeat(lambda: pull_requests.find_pull_request(self.connection, repo, head))

    def ensure_reaction(self, repo: str, issue: int, content: Reaction) -> None:
        """The bot's reaction to the issue's text; GitHub itself makes each only once."""
        owner, name = split_repository(repo)
        self._get(lambda rest: rest.reactions.create_for_issue(owner, name, issue, content=content), lambda _: None)

    def ensure_comment_reaction(self, repo: str, comment: int, content: Reaction) -> None:
        """The bot's reaction to a comment; GitHub itself makes each only once."""
        owner, name = split_repository(repo)
        self._get(
            lambda rest: rest.reactions.create_for_issue_comment(owner, name, comment, content=content), lambda _: None
        )

    def is_team_member(self, organization: str, team: str, login: str) -> bool:
        """Whether that person is in the team (its slug); an invitation that is not accepted does not count."""
        owner, slug = quote_segments(organization), quote_segments(team)
        try:
            return self._get(
                lambda rest: rest.teams.get_membership_for_user_in_org(owner, slug, quote_login(login)),
                lambda data: bool(data["state"] == "active"),
            )
        except NotFound:
            return False

    def get_pull_request(self, repo: str, number: int) -> PullRequest:
        """The pull request of that number as it stands now."""
        owner, name = split_repository(repo)
        return self._get(lambda rest: rest.pulls.get(owner, name, number), read_pull_request)

    def ensure_comment(self, repo: str, issue: int, marker: str, body: str) -> Comment:
        """The bot's one comment of that marker on the issue."""
        login = self.app.login
        return self._repeat(lambda: comments.ensure_comment(self.connection, login, repo, issue, marker, body))

    def ensure_issue(self, repo: str, marker: str, title: str, body: str, state: IssueState) -> EnsuredIssue:
        """The bot's one issue of that marker."""
        login = self.app.login
        return self._repeat(lambda: issues.ensure_issue(self.connection, login, repo, marker, title, body, state))

    def ensure_pull_request(self, repo: str, head: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """The open pull request from `head`."""
        return self._repeat(
            lambda: pull_requests.ensure_pull_request(self.connection, repo, head, base, title, body, draft)
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
        """The check of that external id on the commit."""
        return self._repeat(
            lambda: check_runs.ensure_check_run(
                self.connection, repo, head_sha, name, external_id, conclusion, title, summary
            )
        )

    def delete_branch(self, repo: str, name: str) -> None:
        """No branch of that name any more."""
        self._repeat(lambda: contents.delete_branch(self.connection, repo, name))

    def token(self) -> str:
        """A token for git over HTTPS; user name x-access-token."""
        return self.app.get_token(self.installation_id)

    def _get(self, request: Callable[[RestVersionSwitcher], Response[Any, Any]], read: Callable[[Any], T]) -> T:
        return self._repeat(lambda: self.connection.call(request, read))

    def _repeat(self, verb: Callable[[], T]) -> T:
        return self.connection.repeat(verb)
