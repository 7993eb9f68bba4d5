"""The bot's one issue of a kind in a repository, known by a hidden marker that says what it tells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from bot.github.comments import MAXIMUM_PAGES, PAGE_SIZE, render_body
from bot.github.connection import Connection
from bot.github.limits import MAXIMUM_TITLE
from bot.github.names import split_repository
from bot.github.values import EnsuredIssue, Issue, IssueState, read_issue

DIGEST_CHARACTERS = 16


def ensure_issue(
    connection: Connection, login: str, repo: str, marker: str, title: str, body: str, state: IssueState
) -> EnsuredIssue:
    """The issue with that marker by `login`, brought to that text and state.

    One that tells the same already is left alone, whatever people have done with it. None is made only to be closed.
    """
    owner, name = split_repository(repo)
    text = render_body(body, f"{marker} {make_digest(title, body, state)}")
    found = find_issue(connection, login, repo, marker)
    if found is not None and _read_digest(found.body, marker) == _read_digest(text, marker):
        return EnsuredIssue(found, is_new=False)
    short = title[:MAXIMUM_TITLE]
    if found is not None:
        number = found.number
        changed = connection.call(
            lambda rest: rest.issues.update(owner, name, number, title=short, body=text, state=state), read_issue
        )
        return EnsuredIssue(changed, is_new=True)
    if state == "closed":
        return EnsuredIssue(None, is_new=False)
    made = connection.call(lambda rest: rest.issues.create(owner, name, title=short, body=text), read_issue)
    return EnsuredIssue(made, is_new=True)


def make_digest(title: str, body: str, state: IssueState) -> str:
    """The same for the same report."""
    return hashlib.sha256(f"{state}\0{title}\0{body}".encode(errors="replace")).hexdigest()[:DIGEST_CHARACTERS]


def find_issue(connection: Connection, login: str, repo: str, marker: str) -> Issue | None:
    """The oldest issue by `login` that ends with the marker, open or closed; elsewhere in it, it may be quoted text."""
    ours = (issue for issue in _list_issues(connection, login, repo) if issue.author == login)
    return next((issue for issue in ours if _read_digest(issue.body, marker) is not None), None)


def _read_digest(body: str, marker: str) -> str | None:
    found = re.search(rf"<!-- specwright:{re.escape(marker)} ([0-9a-f]+) -->\s*\Z", body)
    return None if found is None else found[1]


def _list_issues(connection: Connection, login: str, repo: str) -> Iterator[Issue]:
    owner, name = split_repository(repo)
    for page in range(1, MAXIMUM_PAGES + 1):
        issues = connection.call(
            lambda rest, page=page: rest.issues.list_for_repo(  # type: ignore[misc]  # mypy: default in a lambda
                owner,
                name,
                state="all",
                creator=login,
                sort="created",
                direction="asc",
                per_page=PAGE_SIZE,
                page=page,
            ),
            lambda data: [read_issue(item) for item in data],
        )
        yield from issues
        if len(issues) < PAGE_SIZE:
            return
