"""Refs that keep commits which no branch has: bases that were rewritten since, commits of ours that are not pushed yet.

A ref says in its name in which month it was last needed, so that old ones can go.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.workspace.git import Git
from bot.workspace.git_names import check_commit

KEPT_DAYS = 180
_PLACE = "refs/specwright/pinned"


def pin(git: Git, commit: str, now: datetime | None = None) -> None:
    """Keeps the commit from now on for half a year. Raises `GitError` when it is not there."""
    month = (now or datetime.now(UTC)).strftime("%Y-%m")
    git.run("update-ref", f"{_PLACE}/{month}/{check_commit(commit)}", commit)


def drop_old_pins(git: Git) -> None:
    """Lets go of commits that nobody has pinned for half a year. Raises `GitError`."""
    oldest = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).strftime("%Y-%m")
    refs = git.run("for-each-ref", "--format=%(refname)", _PLACE).decode().split()
    old = [ref for ref in refs if ref.split("/")[3] < oldest]
    if old:
        git.run("update-ref", "--stdin", data="".join(f"delete {ref}\n" for ref in old).encode())
