"""A program in the sandbox that is kept to answer requests, a line each way, over the socket that is its stdin."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from threading import Thread

from bot.workspace.process import Completed, Tether

Program = Callable[[Tether], Completed]
READ_BYTES = 2**20
GRACE_SECONDS = 1.0


class NoAnswer(Exception):
    """There is none: the program ended, was too slow or said too much. `completed` tells how it ended."""

    def __init__(self, completed: Completed) -> None:
        super().__init__(completed.exceeded or f"status {completed.returncode}")
        self.completed = completed


class Conversation:
    """Begins when it is made and lasts until `end`, or until a request stays without an answer."""

    def __init__(self, program: Program) -> None:
        """`program` runs until it ends by itself or is ended by the tether."""
        self._socket, theirs = socket.socketpair()
        self._tether = Tether(theirs.fileno())
        self._ended: Future[Completed] = Future()
        # A daemon: when the bot is told to go, it must not wait for a program that nobody ends.
        self._thread = Thread(target=self._run, args=(program, theirs), daemon=True)
        self._thread.start()

    def ask(self, request: bytes, *, timeout_seconds: float, max_bytes: int) -> bytes:
        """The line that answers `request`, which holds no line break. Raises `NoAnswer`, after which all is over.

        Raises also what the sandbox raises when it cannot start the program.
        """
        asked = time.monotonic()
        try:
            self._socket.settimeout(timeout_seconds)
            self._socket.sendall(request + b"\n")
            return self._read_line(asked + timeout_seconds, max_bytes)
        except (OSError, EOFError) as error:
            completed = self.end()
            if isinstance(error, TimeoutError):
                completed = replace(completed, timed_out=True, duration_seconds=time.monotonic() - asked)
            raise NoAnswer(completed) from error

    def end(self) -> Completed:
        """End the program, by force when it does not go by itself. Safe to repeat."""
        self._socket.close()
        self._thread.join(GRACE_SECONDS)
        self._tether.stop.set()
        return self._ended.result()

    def _run(self, program: Program, theirs: socket.socket) -> None:
        with theirs:
            try:
                self._ended.set_result(program(self._tether))
            except BaseException as error:
                self._ended.set_exception(error)

    def _read_line(self, deadline: float, max_bytes: int) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = self._socket.recv(READ_BYTES)
            line += chunk
            if not chunk or len(line) > max_bytes:
                raise EOFError
        return bytes(line)
