"""What a killed process can leave in a mirror, and whether the mirror can still be used."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from bot.workspace.git import Git

_STALE_SECONDS = 24 * 3600
# What only a fetch or a clean-up makes, and both run under the mirror's lock: whoever holds it finds leftovers.
_LOCKS = ("*.lock", "refs/heads/**/*.lock")
# A commit writes these without the lock. They are in nobody's way: the old ones go, for the room that they take.
_TEMPORARY = ("objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*")


def is_sound(path: Path) -> bool:
    """Whether it is a git directory in which every branch's newest commit is there with all its files."""
    if not (path / "HEAD").is_file():
        return False
    answer = Git(path).try_run("rev-list", "--all", "--no-walk", "--objects", "--quiet")
    return answer.returncode == 0


def remove_leftovers(path: Path) -> None:
    """Removes lock files that nobody holds and old half-written objects. Only for who holds the mirror's lock."""
    for pattern in _LOCKS:
        for leftover in path.glob(pattern):
            leftover.unlink(missing_ok=True)
    for pattern in _TEMPORARY:
        for leftover in path.glob(pattern):
            with suppress(FileNotFoundError):
                if leftover.stat().st_mtime < time.time() - _STALE_SECONDS:
                    leftover.unlink()
