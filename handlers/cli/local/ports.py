"""Ports of this machine for the demo's servers."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def choose_port(preferred: int) -> int:
    """The preferred port when it is free, else one that the system names."""
    return preferred if _find(preferred) else _find(0) or 0


def _find(port: int) -> int | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return None
        return int(probe.getsockname()[1])
