"""The bot's one comment of a kind on an issue, known by a hidden marker."""

from __future__ import annotations

from collections.abc import Iterator

from bot.github.connection import Connection
from bot.github.names import split_repository
from bot.github.values import Comment, read_comment

PAGE_SIZE = 100
MAXIMUM_PAGES = 50


def render_marker(marker: str) -> str:
    """The hidden line that marks a comment. It ends every body, so that a reader's client hides it."""
    return f"<!-- specwright:{marker} -->"


def ensure_comment(connection: Connection, login: str, repo: str, issue: int, marker: str, body: str) -> Comment:
    """The comment with that marker by `login`, created or edited; left alone when it reads so already.

    Someone else's comment that carries the marker is not ours: an App with write access could be led to edit it.
    """
    text = f"{body.rstrip()}\n\n{render_marker(marker)}"
    found = find_comment(connection, login, repo, issue, marker)
    owner, name = split_repository(repo)
    if found is None:
        return connection.call(lambda rest: rest.issues.create_comment(owner, name, issue, body=text), read_comment)
    if found.body.replace("\r\n", "\n") == text:
        return found
    return connection.call(lambda rest: rest.issues.update_comment(owner, name, found.id, body=text), read_comment)


def find_comment(connection: Connection, login: str, repo: str, issue: int, marker: str) -> Comment | None:
    """The oldest comment of `login` on the issue that carries the marker."""
    wanted = render_marker(marker)
    ours = (comment for comment in list_comments(connection, repo, issue) if comment.author == login)
    return next((comment for comment in ours if wanted in comment.body), None)


def list_comments(connection: Connection, repo: str, issue: int) -> Iterator[Comment]:
    """All comments of an issue, oldest first, page by page."""
    owner, name = split_repository(repo)
    for page in range(1, MAXIMUM_PAGES + 1):
        comments = connection.call(
            lambda rest, page=page: rest.issues.list_comments(  # type: ignore[misc]  # mypy: default in a lambda
                owner, name, issue, per_page=PAGE_SIZE, page=page
            ),
            lambda data: [read_comment(item) for item in data],
        )
        yield from comments
        if len(comments) < PAGE_SIZE:
            return
