"""What of the machine a Python interpreter needs, so that a sandbox can mount that and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SYSTEM = Path("/usr")
MAX_LINKS = 40  # as many as the kernel follows (path_resolution(7))


def find_interpreter_paths(python: Path) -> tuple[Path, ...]:
    """The folders outside of /usr that the interpreter behind `python` lives in, none for the system's.

    An installation is mounted whole (bin, lib, …); of a folder that merely holds a link to it, such as ~/bin, only
    the link. The folder of a virtual environment is not among them: it is mounted for itself.
    """
    found: dict[Path, None] = {}
    for hop in _follow(python):
        for path in (hop, hop.resolve()):
            prefix = path.parent.parent
            if not path.is_relative_to(SYSTEM) and not (prefix / "pyvenv.cfg").exists() and path.exists():
                found[prefix if _is_installation(prefix) else path] = None
    return tuple(path for path in found if not any(path.is_relative_to(other) for other in found if other != path))


def _follow(path: Path) -> Iterator[Path]:
    """Every link on the way, then the file."""
    for _ in range(MAX_LINKS):
        yield path
        if not path.is_symlink():
            return
        path = Path(os.path.normpath(path.parent / path.readlink()))


def _is_installation(prefix: Path) -> bool:
    """Whether a standard library is there (the landmark that Python itself looks for: Modules/getpath.py)."""
    return prefix != Path.home() and any(prefix.glob("lib*/python3*/os.py"))
