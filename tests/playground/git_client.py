"""git as people and Apps use it, without the machine's configuration."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Clone:
    """A working copy whose remote carries a login and a token, or nothing."""

    path: Path

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """git in the working copy."""
        return run_git(self.path, *arguments, check=check)

    def commit(self, branch: str, files: dict[str, str], message: str = "Change") -> str:
        """A commit on that branch, made where there is none."""
        self.run("checkout", "-q", "-B", branch)
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.run("add", "-A")
        self.run("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", message)
        return self.run("rev-parse", "HEAD").stdout.strip()

    def push(self, branch: str, *flags: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Pushes the branch."""
        return self.run("push", "-q", *flags, "origin", branch, check=check)


def run_git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """git, which never asks for a password."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nowhere",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    if check and done.returncode:
        raise AssertionError(done.stderr)
    return done


def clone(url: str, repository: str, folder: Path, login: str = "", token: str = "") -> Clone:
    """Clones with that login and token."""
    address = url.replace("http://", f"http://{login}:{token}@") if token else url
    run_git(folder.parent, "clone", "-q", f"{address}/{repository}.git", str(folder))
    return Clone(folder)
