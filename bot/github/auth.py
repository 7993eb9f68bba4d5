"""Installation tokens of a GitHub App, asked for when needed and kept until shortly before they expire."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from githubkit import GitHubCore
from githubkit.auth.base import BaseAuthStrategy

# A token lives for an hour. One that is handed to git must outlive the fetch or the push that it is for.
RENEW_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class InstallationToken:
    """A token and when GitHub stops accepting it."""

    value: str = field(repr=False)
    expires_at: datetime


@dataclass
class TokenCache:
    """Tokens by installation id; `create` asks GitHub for a new one. Safe to use from several threads."""

    create: Callable[[int], InstallationToken]
    _tokens: dict[int, InstallationToken] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def get(self, installation_id: int) -> str:
        """A token that is good for at least `RENEW_BEFORE`, or as long as GitHub grants."""
        with self._lock:
            token = self._tokens.get(installation_id)
            if token is None or token.expires_at - datetime.now(UTC) < RENEW_BEFORE:
                token = self._tokens[installation_id] = self.create(installation_id)
            return token.value

    def forget(self, installation_id: int) -> None:
        """Drops the token, because GitHub refused it."""
        with self._lock:
            self._tokens.pop(installation_id, None)


@dataclass
class InstallationAuth(httpx.Auth, BaseAuthStrategy):
    """Signs each request with the installation's current token."""

    tokens: TokenCache
    installation_id: int

    def get_auth_flow(self, github: GitHubCore[Any]) -> httpx.Auth:
        """githubkit asks its strategy for httpx's part; this is both."""
        return self

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the header; https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api."""
        request.headers["Authorization"] = f"Bearer {self.tokens.get(self.installation_id)}"
        yield request
