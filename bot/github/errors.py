"""What can go wrong with GitHub, as types with names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from githubkit.exception import GitHubException, GraphQLFailed, RateLimitExceeded, RequestError, RequestFailed


class GitHubError(Exception):
    """GitHub refused or could not answer. `status` is the HTTP status, 0 when there was no answer at all."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Unauthorized(GitHubError):
    """401: the App's key or token is not accepted."""


class Forbidden(GitHubError):
    """403: the App may not do this; its permissions or its installation lack it."""


class NotFound(GitHubError):
    """404: it does not exist, or the App may not see it."""


class Conflict(GitHubError):
    """409: it changed meanwhile, or the repository is empty."""


class Unprocessable(GitHubError):
    """422: GitHub understood and refused; the message carries its reasons."""


class RateLimited(GitHubError):
    """The rate limit is used up for longer than the bot waits."""


class Unavailable(GitHubError):
    """5xx, a time-out or no connection: whether GitHub did what was asked is not known."""


class UnexpectedAnswer(GitHubError):
    """GitHub answered in a shape that the bot cannot read."""


UNNAMED_WAIT = timedelta(minutes=1)

_BY_GRAPHQL_TYPE: dict[str, type[GitHubError]] = {"FORBIDDEN": Forbidden, "NOT_FOUND": NotFound}
_BY_STATUS: dict[int, type[GitHubError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    410: NotFound,  # an issue that was deleted
    409: Conflict,
    422: Unprocessable,
}


def read_error(error: GitHubException) -> GitHubError:
    """The error of ours for one of githubkit's. Headers, and so tokens, never get into the message."""
    if isinstance(error, RateLimitExceeded):
        seconds = round(error.retry_after.total_seconds())
        return RateLimited(error.response.status_code, f"{_name(error.request)}: rate limit reached for {seconds} s")
    if isinstance(error, RequestFailed):
        return _read_failure(error)
    if isinstance(error, RequestError):
        return _read_transport_error(error.exc)
    if isinstance(error, GraphQLFailed):
        return _read_graphql(error)
    return GitHubError(0, f"{type(error).__name__}: {error}")


def _read_failure(error: RequestFailed) -> GitHubError:
    status = error.response.status_code
    if find_wait(error) is not None:
        return RateLimited(status, f"{_name(error.request)}: {status} {_read_reasons(error)}")
    kind = Unavailable if status >= 500 else _BY_STATUS.get(status, GitHubError)
    return kind(status, f"{_name(error.request)}: {status} {_read_reasons(error)}")


def find_wait(error: GitHubException) -> timedelta | None:
    """How long GitHub asks to wait, when the error is a rate limit.

    A secondary one may name no time; then it is a minute:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if isinstance(error, RateLimitExceeded):
        return error.retry_after
    if not isinstance(error, RequestFailed) or error.response.status_code not in (403, 429):
        return None
    is_limit = error.response.status_code == 429 or "secondary rate limit" in _read_reasons(error)
    return UNNAMED_WAIT if is_limit else None


def _read_graphql(error: GraphQLFailed) -> GitHubError:
    """GraphQL answers 200 and says in a type what went wrong."""
    errors = error.response.errors or []
    reasons = "; ".join(item.message for item in errors)
    kinds = [_BY_GRAPHQL_TYPE[item.type] for item in errors if item.type in _BY_GRAPHQL_TYPE]
    return (kinds or [Unprocessable])[0](200, f"POST /graphql: {reasons}")


def _read_reasons(error: RequestFailed) -> str:
    """GitHub's `message` and `errors`: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api."""
    try:
        body: Any = error.response.json()
    except ValueError:
        return error.response.reason_phrase
    if not isinstance(body, dict):
        return error.response.reason_phrase
    details = body.get("errors")
    reasons = [_render_detail(item) for item in details] if isinstance(details, list) else []
    return ": ".join([str(body.get("message")), *(["; ".join(reasons)] if reasons else [])])


def _render_detail(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    return str(item.get("message") or f"{item.get('resource')}.{item.get('field')} is {item.get('code')}")


def _read_transport_error(error: Exception) -> GitHubError:
    if isinstance(error, GitHubError):  # raised while a token was asked for
        return error
    if isinstance(error, GitHubException):
        return read_error(error)
    if isinstance(error, httpx.TransportError):
        return Unavailable(0, f"{_find_name(error)}: {type(error).__name__}: {error}")
    return GitHubError(0, f"{type(error).__name__}: {error}")


def _find_name(error: httpx.TransportError) -> str:
    try:
        return _name(error.request)
    except RuntimeError:  # httpx raises it when the error knows no request
        return "GitHub"


def _name(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
