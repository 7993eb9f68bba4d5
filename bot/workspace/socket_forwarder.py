"""A unix socket that leads to one TCP port: the way from a sandbox without network to a database server."""

from __future__ import annotations

import shutil
import socket
import socketserver
import tempfile
import threading
from pathlib import Path

READ_BYTES = 65_536
CONNECT_TIMEOUT_SECONDS = 10


class SocketForwarder:
    """Listens in a folder of its own, under the name that libpq looks for, as long as it is not closed."""

    PORT = 5432

    def __init__(self, host: str, port: int) -> None:
        self.socket_dir = Path(tempfile.mkdtemp(prefix="specwright-pg-"))
        self._server = _Server(str(self.socket_dir / f".s.PGSQL.{self.PORT}"), host, port)
        threading.Thread(target=self._server.serve_forever, name="socket-forwarder", daemon=True).start()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self.socket_dir, ignore_errors=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str, host: str, port: int) -> None:
        super().__init__(path, _Handler)
        self.target = (host, port)


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Copy both ways until both ends are closed."""
        assert isinstance(self.server, _Server)  # noqa: S101 (made above)
        try:
            target = socket.create_connection(self.server.target, CONNECT_TIMEOUT_SECONDS)
        except OSError:
            return
        with target:
            target.settimeout(None)
            back = threading.Thread(target=_copy, args=(target, self.request), daemon=True)
            back.start()
            _copy(self.request, target)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(READ_BYTES):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one end is gone: the other is told by the end of its own copy
