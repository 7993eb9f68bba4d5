"""The bot's one comment of a kind on an issue, known by a hidden marker."""

from __future__ import annotations

from collections.abc import Iterator

from bot.github.connection import Connection
from bot.github.errors import NotFound
from bot.github.limits import MAXIMUM_BODY, cut
from bot.github.names import split_repository
from bot.github.values import Comment, read_comment

PAGE_SIZE = 100
MAXIMUM_PAGES = 50  # an issue takes 2,500 comments at most


def render_marker(marker: str) -> str:
    """The hidden line that marks a comment. It ends every body, so that a reader's client hides it."""
    return f"<!-- specwright:{marker} -->"


def ensure_comment(connection: Connection, login: str, repo: str, issue: int, marker: str, body: str) -> Comment:
    """The comment with that marker by `login`, created or edited; left alone when it reads so already.

    Someone else's comment that carries the marker is not ours: an App with write access could be led to edit it.
    """
    text = render_body(body, marker)
    found = find_comment(connection, login, repo, issue, marker)
    if found is not None and found.body == text:
        return found
    owner, name = split_repository(repo)
    if found is not None:
        try:
            return connection.call(
                lambda rest: rest.issues.update_comment(owner, name, found.id, body=text), read_comment
            )
        except NotFound:  # deleted meanwhile
            pass
    return connection.call(lambda rest: rest.issues.create_comment(owner, name, issue, body=text), read_comment)


def render_body(body: str, marker: str) -> str:
    """The whole text of a comment; what is too long for GitHub is cut, the marker never."""
    end = f"\n\n{render_marker(marker)}"
    return cut(body.rstrip(), MAXIMUM_BODY - len(end)) + end


def find_comment(connection: Connection, login: str, repo: str, issue: int, marker: str) -> Comment | None:
    """The oldest comment of `login` on the issue that ends with the marker; elsewhere in it, it may be quoted text."""
    wanted = render_marker(marker)
    ours = (comment for comment in list_comments(connection, repo, issue) if comment.author == login)
    return next((comment for comment in ours if comment.body.rstrip().endswith(wanted)), None)


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
