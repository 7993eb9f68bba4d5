"""Git, run without the configuration of the machine and of the person who started the playground."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

GIT_TIMEOUT_SECONDS = 120


class GitFailed(Exception):
    """A git command failed; the message is what it printed."""


def make_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that git runs with. No configuration, no prompt, the same words on every machine."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        # The state's folder may belong to somebody else than the one who runs it (a mounted volume).
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        **(extra or {}),
    }


def run_git(directory: Path, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> bytes:
    """What git prints. Raises `GitFailed`."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=make_environment(env),
        input=stdin,
        capture_output=True,
        timeout=GIT_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise GitFailed(done.stderr.decode(errors="replace").strip() or f"git {arguments[0]}: {done.returncode}")
    return done.stdout


def run_git_text(directory: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """What git prints, as text without the line end."""
    return run_git(directory, *arguments, env=env).decode(errors="replace").strip("\n")


def find_git(directory: Path, *arguments: str) -> str | None:
    """What git prints, or None when it fails: for questions whose answer may be no."""
    try:
        return run_git_text(directory, *arguments)
    except GitFailed:
        return None
