"""Files of the repository that an issue links to. Images, other sites and places in the same page are none."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from markdown_it.token import Token

from bot.spec.errors import Problems
from bot.spec.model import Link

_BLOB = re.compile(r"/[^/]+/[^/]+/(?:blob|raw|blame)/[^/]+/(?P<path>.+)")
_RELATIVE_BLOB = re.compile(r"(?:\.\./)+(?:[^/.][^/]*/[^/]+/)?(?:blob|raw|blame)/[^/]+/(?P<path>.+)")
_RELATIVE_PAGE = re.compile(
    r"(?:\.\./)+(?:[^/.][^/]*/[^/]+/)?(?:issues|pulls?|wiki|discussions|commits?|releases|actions|projects|compare|tree|"
    r"security|milestone|labels)(?:/.*)?"
)
_BARE = re.compile(r"https?://[^\s<>()\[\]\"'`]{1,2000}")


def read_links(tokens: Sequence[Token], problems: Problems) -> tuple[Link, ...]:
    """Each file once, at its first place."""
    found: dict[str, Link] = {}
    for target, line in _list_targets(tokens):
        path = _find_path(target)
        if path is None:
            continue
        if path.startswith("../") or path in ("..", "."):
            problems.report(line, f"the link `{target}` leads out of the repository", "the path of a file in it")
        else:
            found.setdefault(path, Link(path, line))
    return tuple(found.values())


def _list_targets(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    for token in tokens:
        if token.type != "inline" or not token.map:
            continue
        line, inside = token.map[0] + 1, 0
        for part in token.children or ():
            if part.type in ("softbreak", "hardbreak"):
                line += 1
            elif part.type == "link_open":
                inside += 1
                yield str(part.attrGet("href") or ""), line
            elif part.type == "link_close":
                inside -= 1
            elif part.type == "text" and not inside:
                yield from ((match[0].rstrip(".,;:!?*_"), line) for match in _BARE.finditer(part.content))


def _find_path(target: str) -> str | None:
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.scheme or parts.netloc:
        match = _BLOB.fullmatch(path) if parts.scheme in ("http", "https") else None
    else:
        match = _RELATIVE_BLOB.fullmatch(path)
    if match is None and (parts.scheme or parts.netloc or _RELATIVE_PAGE.fullmatch(path)):
        return None
    path = match["path"] if match else path.lstrip("/")
    if not path or path.endswith("/") or any(ord(character) < 32 for character in path):
        return None
    return posixpath.normpath(path)
