"""Files of a tree, read and written so that no symbolic link on the way leads out of it.

Code of the repository runs in the tree and may put a link in the place of any directory or file. Each part of a path is
therefore opened below the one before, and never through a link (openat(2), O_NOFOLLOW).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from bot.workspace.git_errors import GitError
from bot.workspace.git_names import is_tree_path
from bot.workspace.links import is_inner_link

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # O_NONBLOCK: a fifo must not keep us waiting
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def open_file(root: Path, path: str) -> Iterator[IO[bytes]]:
    """A regular file of the tree for reading.

    Raises FileNotFoundError when there is none, or when a link leads to it; `GitError` for a path that is none.
    """
    with _opened_parent(root, path) as (directory, name):
        try:
            descriptor = os.open(name, _READ, dir_fd=directory)
        except OSError as error:
            raise FileNotFoundError(f"{path} is no regular file of the tree") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileNotFoundError(f"{path} is no regular file of the tree")
        with os.fdopen(descriptor, "rb") as stream:
            yield stream


def write_file(root: Path, path: str, chunks: Iterable[bytes], *, executable: bool = False) -> None:
    """Writes a regular file, in place of a file or link that is there; makes the directories that it needs.

    Raises `GitError` when a link or a file is in the place of a directory, or a directory in the place of the file.
    """
    with _opened_parent(root, path, make=True) as (directory, name):
        _unlink(directory, name, path)
        descriptor = os.open(name, _CREATE, 0o777 if executable else 0o666, dir_fd=directory)
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(chunks)


def write_link(root: Path, path: str, target: bytes) -> None:
    """Writes a symbolic link, as `write_file` does a file. Raises `GitError` also for one that leaves the tree."""
    if not is_inner_link(path, target):
        raise GitError(f"the symbolic link {path!r} leads out of the tree")
    with _opened_parent(root, path, make=True) as (directory, name):
        _unlink(directory, name, path)
        os.symlink(os.fsdecode(target), name, dir_fd=directory)


def remove_file(root: Path, path: str) -> None:
    """Removes a file or link, and the directories that it leaves empty. Nothing to do when there is none."""
    try:
        with _opened_parent(root, path) as (directory, name):
            os.unlink(name, dir_fd=directory)
    except (FileNotFoundError, IsADirectoryError):
        return
    for parent in PurePosixPath(path).parents[:-1]:
        try:
            with _opened_parent(root, str(parent)) as (directory, name):
                os.rmdir(name, dir_fd=directory)
        except OSError:
            return


def _unlink(directory: int, name: str, path: str) -> None:
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return
    except OSError as error:
        raise GitError(f"{path!r} cannot be written: a directory is in its place") from error


@contextmanager
def _opened_parent(root: Path, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    if not is_tree_path(path):
        raise GitError(f"{path[:200]!r} is no path in the tree")
    *parents, name = path.split("/")
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parents:
            below = _open_directory(descriptor, part, path, make=make)
            os.close(descriptor)
            descriptor = below
        yield descriptor, name
    finally:
        os.close(descriptor)


def _open_directory(directory: int, part: str, path: str, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=directory)
    try:
        return os.open(part, _DIRECTORY, dir_fd=directory)
    except FileNotFoundError:
        raise
    except OSError as error:  # a link gives ELOOP or ENOTDIR, a file ENOTDIR
        if make:
            raise GitError(f"{path!r} cannot be written: {part!r} is no directory") from error
        raise FileNotFoundError(f"{path} is not in the tree") from error
