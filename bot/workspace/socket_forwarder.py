"""A unix socket that leads to one TCP port: the way from a sandbox without network to a database server."""

from __future__ import annotations

import socket
from pathlib import Path

from bot.workspace.relay import SocketServer, relay

CONNECT_TIMEOUT_SECONDS = 10


class SocketForwarder:
    """Listens under the name that libpq looks for, as long as it is not closed."""

    PORT = 5432

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server = SocketServer(f".s.PGSQL.{self.PORT}", self._forward)

    @property
    def socket_dir(self) -> Path:
        """The folder that holds the socket, and nothing else."""
        return self._server.folder

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._server.close()

    def _forward(self, client: socket.socket) -> None:
        try:
            target = socket.create_connection(self._target, CONNECT_TIMEOUT_SECONDS)
        except OSError:
            return
        with target:
            target.settimeout(None)
            relay(client, target)
