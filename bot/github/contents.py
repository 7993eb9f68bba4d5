"""Files and branches of a repository, over the API."""

from __future__ import annotations

import base64
from typing import Any

from bot.github.connection import Connection
from bot.github.errors import Conflict, GitHubError, NotFound, Unprocessable
from bot.github.names import quote_segments, split_repository


class FileTooLarge(GitHubError):
    """GitHub gives no content of files above 1 MB: https://docs.github.com/en/rest/repos/contents."""


def find_file(connection: Connection, repo: str, path: str, ref: str) -> bytes | None:
    """The content of a file, or None when there is no file at that path."""
    owner, name = split_repository(repo)
    try:
        return connection.call(
            lambda rest: rest.repos.get_content(owner, name, quote_segments(path), ref=ref), _read_content
        )
    except NotFound:
        return None


def _read_content(data: Any) -> bytes | None:
    if not isinstance(data, dict) or data["type"] != "file":  # a folder, a symbolic link or a submodule
        return None
    if data["encoding"] != "base64":
        raise FileTooLarge(200, f"{data['path']} has {data['size']} bytes; at most 1 MB can be read")
    return base64.b64decode(data["content"])


def find_branch(connection: Connection, repo: str, name: str) -> str | None:
    """The commit that a branch stands at, or None. An empty repository (409) has no branch."""
    owner, repository = split_repository(repo)
    try:
        return connection.call(
            lambda rest: rest.git.get_ref(owner, repository, f"heads/{quote_segments(name)}"),
            lambda data: str(data["object"]["sha"]),
        )
    except (NotFound, Conflict):
        return None


def delete_branch(connection: Connection, repo: str, name: str) -> None:
    """Deletes a branch; GitHub answers 422 when there is none."""
    owner, repository = split_repository(repo)
    try:
        connection.call(
            lambda rest: rest.git.delete_ref(owner, repository, f"heads/{quote_segments(name)}"), lambda _: None
        )
    except (NotFound, Unprocessable) as error:
        if isinstance(error, Unprocessable) and "does not exist" not in error.message:
            raise
