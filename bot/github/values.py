"""What the bot knows of GitHub: small frozen values, and how each is read from GitHub's JSON.

Only the fields that are used are read. GitHub adds fields, and Enterprise servers lag behind github.com: a model of
the whole answer would refuse answers that are perfectly usable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Permission = Literal["admin", "write", "read", "none"]
Conclusion = Literal["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"]
IssueState = Literal["open", "closed"]
Reaction = Literal["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot. `name` is what they call themselves, or None."""

    login: str
    id: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """A repository; `full_name` is owner/name."""

    full_name: str
    default_branch: str
    clone_url: str
    private: bool
    html_url: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it stood when it was read. `state` is open or closed."""

    number: int
    title: str
    body: str
    state: str
    labels: tuple[str, ...]
    author: str
    html_url: str


@dataclass(frozen=True, slots=True)
class EnsuredIssue:
    """An issue that should be there (None: none is needed), and whether what it tells is new."""

    issue: Issue | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an issue or a pull request."""

    id: int
    body: str
    author: str
    html_url: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request. `head` and `base` are branch names; `node_id` is its name in the GraphQL API."""

    number: int
    html_url: str
    head: str
    head_sha: str
    base: str
    draft: bool
    state: str
    merged: bool
    title: str
    body: str
    node_id: str


def read_text(data: Any) -> str:
    """A body as the bot wrote or reads it: browsers send CRLF, and a missing one is empty."""
    return (data or "").replace("\r\n", "\n")


def read_user(data: Any) -> User:
    """A user of any of GitHub's shapes. A deleted account (null) is shown as GitHub shows it: ghost."""
    if data is None:
        return User("ghost", 10137)
    return User(data["login"], data["id"], data.get("name"))


def read_repository(data: Any) -> RepositoryInfo:
    """A repository from its JSON."""
    return RepositoryInfo(
        data["full_name"], data["default_branch"], data["clone_url"], data["private"], data["html_url"]
    )


def read_issue(data: Any) -> Issue:
    """An issue from its JSON; a missing body is empty."""
    labels = tuple(label if isinstance(label, str) else label["name"] for label in data.get("labels") or ())
    author = read_user(data["user"]).login
    return Issue(
        data["number"], data["title"], read_text(data["body"]), data["state"], labels, author, data["html_url"]
    )


def read_comment(data: Any) -> Comment:
    """A comment from its JSON."""
    return Comment(data["id"], read_text(data["body"]), read_user(data["user"]).login, data["html_url"])


def read_pull_request(data: Any) -> PullRequest:
    """A pull request from its JSON; lists of pull requests have no `merged`, so `merged_at` tells."""
    return PullRequest(
        number=data["number"],
        html_url=data["html_url"],
        head=data["head"]["ref"],
        head_sha=data["head"]["sha"],
        base=data["base"]["ref"],
        draft=bool(data.get("draft")),
        state=data["state"],
        merged=data.get("merged_at") is not None,
        title=data["title"],
        body=read_text(data["body"]),
        node_id=data["node_id"],
    )
