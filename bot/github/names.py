"""Names that go into GitHub's URLs. They come from outside, and githubkit puts them into paths as they are."""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.github.errors import NotFound

_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


def split_repository(full_name: str) -> tuple[str, str]:
    """`owner/name` in two. Raises `NotFound` for what cannot be a repository's name."""
    if not _REPOSITORY.fullmatch(full_name) or {".", ".."} & set(full_name.split("/")):
        raise NotFound(404, f"{full_name!r} is not the name of a repository; expected owner/name")
    owner, name = full_name.split("/")
    return owner, name


def quote_segments(path: str) -> str:
    """A path or a branch for the end of a URL. Raises `NotFound` when its segments would climb out of the route."""
    if not path or {"", ".", ".."} & set(path.split("/")):
        raise NotFound(404, f"{path!r} cannot be the name of a file or a branch")
    return quote(path, safe="/")


def quote_login(login: str) -> str:
    """A user's name for a URL; bots have brackets in theirs."""
    return quote(login, safe="")
