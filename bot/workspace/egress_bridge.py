"""Runs inside the sandbox, which has no network: `python egress_bridge.py SOCKET COMMAND…`.

Listens on the sandbox's own loopback, copies to and from the bot's proxy behind the unix socket, and runs the command
with the variables that name the proxy. It is a program of its own and imports the standard library only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading

READ_BYTES = 65_536


def main() -> None:
    """Serve until the command ends, with its status."""
    path, command = sys.argv[1], sys.argv[2:]
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=_serve, args=(server, path), daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}"
    names = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY")
    env = dict.fromkeys((*names, *(name.lower() for name in names)), url)
    local = "localhost,127.0.0.1,::1"
    try:
        status = subprocess.call(command, env={**os.environ, **env, "NO_PROXY": local, "no_proxy": local})
    except OSError as error:
        print(error, file=sys.stderr)
        status = 127
    sys.stderr.flush()
    os._exit(status if status >= 0 else 128 - status)  # as a shell says it: 128 + the signal's number


def _serve(server: socket.socket, path: str) -> None:
    while True:
        client, _ = server.accept()
        proxy = socket.socket(socket.AF_UNIX)
        proxy.connect(path)
        for source, target in ((client, proxy), (proxy, client)):
            threading.Thread(target=_copy, args=(source, target), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(READ_BYTES):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


if __name__ == "__main__":
    main()
