"""The Python interpreter for a repository, chosen among those on this machine; none is ever downloaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import uv

from bot.workspace.requirements import read_pyproject, read_text

FIND_TIMEOUT_SECONDS = 60
# What is handed to uv must be versions and nothing else: a request may also be a path, which uv would run outside of
# the sandbox to ask it for its version.
_SPECIFIER = re.compile(r"[\s\d.,*<>=!~]+")
_PINNED = re.compile(r"(?:cpython-?|python-?)?(\d+\.\d+)(?:\.\d+)?")


class NoInterpreter(Exception):
    """No interpreter on this machine fits; the message says which is asked for."""


def find_interpreter(tree: Path) -> Path:
    """The interpreter that .python-version names, if it is there and fits, else the first that requires-python allows.

    That is the bot's own when it fits. Raises `NoInterpreter`.
    """
    required = _read_required(tree)
    pinned = _read_pinned(tree)
    if pinned is not None:
        found = _find(f"=={pinned}.*" + (f",{required}" if required else ""))
        if found is not None:
            return found
    found = _find(required or ">=3.8")
    if found is None:
        raise NoInterpreter(
            f"There is no Python on the bot's machine that fits requires-python = {required!r}; install one there, "
            "for example with `uv python install`."
        )
    return found


def _read_required(tree: Path) -> str | None:
    project = read_pyproject(tree).get("project")
    required = project.get("requires-python") if isinstance(project, dict) else None
    return required if isinstance(required, str) and _SPECIFIER.fullmatch(required) else None


def _read_pinned(tree: Path) -> str | None:
    path = Path(".python-version")
    if not (tree / path).is_file() or (tree / path).is_symlink():
        return None
    match = _PINNED.fullmatch(read_text(tree, path).strip())
    return match[1] if match else None


@cache
def _find(request: str) -> Path | None:
    command = [uv.find_uv_bin(), "python", "find", "--no-config", "--no-project", "--no-cache", "--system", request]
    env = {"PATH": ":".join(_list_folders()), "HOME": os.environ.get("HOME", "/")}
    env |= {"UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON_PREFERENCE": "system"}  # uv's own installations come last
    completed = subprocess.run(
        command, env=env, cwd="/", capture_output=True, text=True, check=False, timeout=FIND_TIMEOUT_SECONDS
    )
    return Path(completed.stdout.strip()) if completed.returncode == 0 else None


def _list_folders() -> Iterator[str]:
    """Where to look: the bot's own installation first, then pyenv's, whose shims alone would not do, then PATH."""
    yield str(Path(sys.base_prefix) / "bin")
    pyenv = os.environ.get("PYENV_ROOT") or Path("~/.pyenv").expanduser()
    yield from (str(folder) for folder in sorted(Path(pyenv).glob("versions/3.*/bin"), reverse=True))
    yield from (folder for folder in os.environ.get("PATH", os.defpath).split(":") if not folder.endswith("/shims"))
