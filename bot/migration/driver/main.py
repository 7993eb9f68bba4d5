"""Answers requests, a line of JSON each way over the socket that is stdin; each in a process forked from this one.

Alembic and SQLAlchemy are loaded once; nothing of the repository is, so what it keeps (an engine, settings) is that of
one request and one database.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from typing import IO, Any

from .compiled import keep_compiled
from .work import carry_out

LIBRARIES = ("alembic.command", "alembic.config", "sqlalchemy.dialects.postgresql", "psycopg2", "psycopg")
MAX_ANSWER_BYTES = 32 * 2**20
MAX_OUTPUT_BYTES = 64 * 2**10


def main() -> None:
    """Answer until the other side closes the socket. The one argument is the tree's path."""
    requests = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    keep_compiled(sys.argv[1], tempfile.mkdtemp())
    for name in LIBRARIES:
        with suppress(Exception):  # whoever needs it will say so
            importlib.import_module(name)
    with requests.makefile("rb") as lines:
        for line in lines:
            requests.sendall(json.dumps(answer(json.loads(line), requests)).encode() + b"\n")
    os._exit(0)  # nothing is left to be cleaned up, and the bot waits


def answer(request: dict[str, Any], requests: socket.socket) -> dict[str, Any]:
    """What the request's process answered (text, empty when it died) and printed last, and its exit status."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as printed:
        child = os.fork()
        if child == 0:
            os.close(requests.fileno())
            os.setsid()
            carry_out(request, said, printed)
        status = os.waitpid(child, 0)[1]
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)  # whatever the application left behind
        return {
            "answer": read_end(said, MAX_ANSWER_BYTES),
            "output": read_end(printed, MAX_OUTPUT_BYTES),
            "returncode": os.waitstatus_to_exitcode(status),
        }


def read_end(file: IO[bytes], size_bytes: int) -> str:
    """The last so many bytes as text."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - size_bytes))
    return file.read().decode("utf-8", errors="replace")
