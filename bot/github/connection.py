"""A connection to GitHub's API: errors of ours, rate limits waited out, lost answers asked for again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import githubkit
from githubkit import Response
from githubkit.exception import GitHubException
from githubkit.typing import RetryOption
from githubkit.versions import RestVersionSwitcher

from bot.github.errors import Unauthorized, Unavailable, UnexpectedAnswer, find_wait, read_error

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the bot waits for GitHub before it gives up.

    A request that met a rate limit was not carried out, so it is sent again after the time that GitHub names, unless
    that is longer than `rate_limit_seconds`. Waits for a server in trouble double from `backoff_seconds`.
    """

    rate_limit_seconds: float = 900
    rate_limit_attempts: int = 3
    backoff_seconds: float = 1
    attempts: int = 4

    def decide(self, error: GitHubException, retry_count: int) -> RetryOption:
        """githubkit's retry decision: only rate limits, because a lost answer of a POST must not be sent blindly."""
        named = find_wait(error)
        if named is None or retry_count >= self.rate_limit_attempts:
            return RetryOption(False)
        # x-ratelimit-reset is in whole seconds, so one more is waited for; no wait at all githubkit takes for a minute
        wait = named + timedelta(seconds=min(1, max(self.backoff_seconds, 0.001)))
        if wait.total_seconds() > self.rate_limit_seconds:
            return RetryOption(False)
        log.warning("GitHub's rate limit is reached; waiting %.0f s", wait.total_seconds())
        return RetryOption(True, wait)


@dataclass(frozen=True)
class Connection:
    """githubkit with our errors. `forget_token` is called when GitHub refuses the token, so that a new one comes."""

    api: githubkit.GitHub[Any]
    patience: Patience
    forget_token: Callable[[], None] = lambda: None

    def call(self, request: Callable[[RestVersionSwitcher], Response[Any, Any]], read: Callable[[Any], T]) -> T:
        """Sends what `request` asks of githubkit's `rest` and reads the JSON of the answer. Raises `GitHubError`."""
        response = self.send(lambda: request(self.api.rest))
        try:
            return read(response.json() if response.content else None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            route = f"{response.raw_request.method} {response.raw_request.url.path}"
            message = f"{route}: cannot read GitHub's answer: {type(error).__name__}: {error}"
            raise UnexpectedAnswer(response.status_code, message) from error

    def send(self, request: Callable[[], T]) -> T:
        """Runs githubkit and translates what it raises."""
        try:
            return request()
        except GitHubException as error:
            raise read_error(error) from None  # githubkit's error holds the request with its token

    def repeat(self, verb: Callable[[], T]) -> T:
        """Carries out a whole verb, again when its answer was lost or its token was revoked.

        Right only for verbs that find before they create.
        """
        token_is_new = False
        for attempt in range(self.patience.attempts - 1):
            try:
                return verb()
            except Unavailable as error:
                wait = self.patience.backoff_seconds * 2**attempt
                log.warning("%s; trying again in %.1f s", error, wait)
                time.sleep(wait)
            except Unauthorized:
                if token_is_new:
                    raise
                self.forget_token()
                token_is_new = True
        return verb()
