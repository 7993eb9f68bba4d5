"""Copies between two connected sockets, and serves a unix socket in a folder of its own."""

from __future__ import annotations

import shutil
import socket
import socketserver
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

READ_BYTES = 65_536
POLL_SECONDS = 0.02  # how long closing takes at most


class SocketServer:
    """Calls `handle` in a thread of its own for every connection to `folder`/`name`, until it is closed."""

    def __init__(self, name: str, handle: Callable[[socket.socket], None]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="specwright-"))
        self.path = self.folder / name
        self._server = _Server(str(self.path), handle)
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), name=name, daemon=True).start()

    def close(self) -> None:
        """Stop listening and remove the folder."""
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, path: str, handle: Callable[[socket.socket], None]) -> None:
        super().__init__(path, _Handler)
        self.handle = handle


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Called by socketserver for every connection."""
        assert isinstance(self.server, _Server)  # noqa: S101 (made above)
        self.server.handle(self.request)


def relay(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until both ends are closed."""
    back = threading.Thread(target=_copy, args=(other, one), daemon=True)
    back.start()
    _copy(one, other)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(READ_BYTES):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one end is gone: the other is told by the end of its own copy
