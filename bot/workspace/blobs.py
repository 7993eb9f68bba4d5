"""Contents of files, out of git's object store and into it, as they are: no filter, no conversion."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from bot.workspace.git import Git
from bot.workspace.git_errors import GitError
from bot.workspace.tree_files import open_file

CHUNK_BYTES = 1 << 20


def read_blob(git: Git, object_id: str, max_bytes: int) -> bytes:
    """The first `max_bytes` bytes of the content. Raises `GitError`."""
    with git.stream("cat-file", "blob", object_id) as output:
        return output.read(max_bytes)


def read_blobs(git: Git, object_ids: Iterable[str]) -> Iterator[Iterator[bytes]]:
    """The contents in the order asked for, each in chunks, by one git process. Raises `GitError`."""
    with tempfile.TemporaryFile() as wanted:
        wanted.writelines(f"{object_id}\n".encode() for object_id in object_ids)
        wanted.seek(0)
        with git.stream("cat-file", "--batch", "--buffer", stdin=wanted) as output:
            while header := output.readline():
                chunks = _read_chunks(output, _read_size(header))
                yield chunks
                for _ in chunks:  # what the caller left unread
                    pass


def write_blobs(git: Git, root: Path, contents: Sequence[bytes | str]) -> list[str]:
    """Stores contents, given as they are or as a regular file's path below the root; their ids in the same order."""
    if not contents:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        feed, marks = Path(scratch) / "feed", Path(scratch) / "marks"
        with feed.open("wb") as stream:
            for number, content in enumerate(contents, 1):
                stream.write(b"blob\nmark :%d\n" % number)
                _write_data(stream, root, content)
        with feed.open("rb") as stream:
            git.run("fast-import", "--quiet", f"--export-marks={marks}", data=stream)
        known = dict(line.split() for line in marks.read_text().splitlines())
    return [known[f":{number}"] for number in range(1, len(contents) + 1)]


def compute_object_id(size_bytes: int, chunks: Iterable[bytes]) -> str:
    """The id that git gives to a content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""
    digest = hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _read_size(header: bytes) -> int:
    parts = header.split()
    if len(parts) != 3 or parts[1] != b"blob":
        raise GitError(f"git cat-file: {header.decode(errors='replace').strip()}")
    return int(parts[2])


def _read_chunks(output: IO[bytes], size_bytes: int) -> Iterator[bytes]:
    left = size_bytes
    while left:
        chunk = output.read(min(left, CHUNK_BYTES))
        if not chunk:
            raise GitError("git cat-file ended in the middle of a file")
        left -= len(chunk)
        yield chunk
    output.read(1)  # the newline after each content


def _write_data(stream: IO[bytes], root: Path, content: bytes | str) -> None:
    if isinstance(content, bytes):
        stream.write(b"data %d\n%b\n" % (len(content), content))
        return
    with open_file(root, content) as source:
        size_bytes = source.seek(0, 2)
        source.seek(0)
        stream.write(b"data %d\n" % size_bytes)
        while size_bytes and (chunk := source.read(min(size_bytes, CHUNK_BYTES))):
            size_bytes -= len(chunk)
            stream.write(chunk)
    if size_bytes:
        raise GitError(f"{content} became shorter while it was read")
    stream.write(b"\n")
