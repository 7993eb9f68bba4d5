"""Names from outside, checked before git sees them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.workspace.git_errors import GitError

_COMMIT = re.compile(r"(?!0{40})[0-9a-f]{40}")  # zeros mean that there is none, and delete a ref
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_FORBIDDEN_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
SCHEMES = ("https", "http", "file")


def is_commit(text: str) -> bool:
    """Whether the text is a full SHA-1 in lower case, as git prints it."""
    return _COMMIT.fullmatch(text) is not None


def check_commit(commit: str) -> str:
    """The full SHA. Raises `GitError` for anything else: abbreviations and ref names are no commits here."""
    if not is_commit(commit):
        raise GitError(f"{commit[:60]!r} is no full commit id")
    return commit


def is_branch(name: str) -> bool:
    """Whether git takes the name for a branch: https://git-scm.com/docs/git-check-ref-format, and `--branch` there."""
    if not name or name == "HEAD" or name.startswith(("-", "/")) or name.endswith(("/", ".")):
        return False
    if _FORBIDDEN_IN_REF.search(name) or not _is_utf8(name):
        return False
    return not any(part.startswith(".") or part.endswith(".lock") for part in name.split("/"))


def check_branch(name: str) -> str:
    """The branch's name. Raises `GitError` when git would not take it."""
    if not is_branch(name):
        raise GitError(f"{name[:100]!r} is no name for a branch")
    return name


def check_repository(name: str) -> str:
    """`owner/name`. Raises `GitError` for anything that could lead elsewhere as a path."""
    if not _REPOSITORY.fullmatch(name) or any(part in (".", "..") for part in name.split("/")):
        raise GitError(f"{name[:100]!r} is no owner/name of a repository")
    return name


def check_clone_url(url: str) -> str:
    """The URL. Raises `GitError` for other schemes than http(s) and file, and for a URL that carries a credential."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or re.search(r"[\x00-\x20\x7f]", url):
        raise GitError("the clone URL must be one of https, http or file")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise GitError("the clone URL must not carry a credential")
    return url


def is_tree_path(path: str) -> bool:
    """Whether the path, relative to a tree, stays in it and meets no `.git`. Slashes only, as in git."""
    return bool(path) and "\0" not in path and not any(_is_bad_part(part) for part in path.split("/"))


def is_git_name(name: str) -> bool:
    """Whether some filesystem takes the name for `.git` (git's own rules, core.protectHFS and core.protectNTFS).

    HFS+ ignores case and some code points. NTFS ignores case, and dots and spaces at the end; it has streams and
    short names.
    """
    plain = _HFS_IGNORED.sub("", name).lower().split(":")[0].rstrip(" .")
    return plain in (".git", "git~1")


# The code points that HFS+ ignores, as in git's utf8.c (next_hfs_char).
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def _is_bad_part(part: str) -> bool:
    return part in ("", ".", "..") or is_git_name(part)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
