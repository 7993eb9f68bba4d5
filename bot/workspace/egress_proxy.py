"""The HTTP proxy through which code in the sandbox reaches the network; `egress_bridge` is its other end, inside."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from bot.workspace.egress import Refused, connect, connect_upstream, find_upstream, render_authorization
from bot.workspace.relay import SocketServer, relay
from bot.workspace.sandbox import Network

MAX_HEAD_BYTES = 65_536
REQUEST_TIMEOUT_SECONDS = 60
# They are for the proxy, or would let a second request, for another host, follow on the same connection.
DROPPED = (b"connection", b"keep-alive", b"proxy-authorization", b"proxy-connection")


class EgressProxy:
    """The proxy, on a unix socket at `path` while the block runs."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def __enter__(self) -> EgressProxy:
        self._server = SocketServer("egress", self._serve)
        self.path = self._server.path
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def _serve(self, client: socket.socket) -> None:
        """One request. A tunnel stays open as long as both ends do; anything else ends with its answer."""
        client.settimeout(REQUEST_TIMEOUT_SECONDS)
        try:
            request, rest = _read_request(client)
            upstream = find_upstream(self._network.proxies, request.scheme, request.host)
            if upstream is None:
                server = connect(self._network, request.host, request.port)
                greeting = b"" if request.is_tunnel else request.render(b"")
                answer = b"HTTP/1.1 200 Connection established\r\n\r\n" if request.is_tunnel else b""
            else:
                server = connect_upstream(upstream, request.host)
                greeting, answer = request.render_for_proxy(render_authorization(upstream)), b""
            with server:
                for end in (client, server):
                    end.settimeout(None)
                server.sendall(greeting + rest)
                client.sendall(answer)
                relay(client, server)
        except (Refused, OSError) as error:
            _refuse(client, str(error))


@dataclass(frozen=True, slots=True)
class _Request:
    """The head of a request to a proxy; `path` is what the host itself is asked for."""

    method: bytes
    target: bytes
    host: str
    port: int
    path: bytes
    headers: tuple[bytes, ...]

    @property
    def is_tunnel(self) -> bool:
        return self.method == b"CONNECT"

    @property
    def scheme(self) -> str:
        return "https" if self.is_tunnel else "http"

    def render(self, extra: bytes) -> bytes:
        """The head as the host expects it."""
        return self._join(self.path, extra)

    def render_for_proxy(self, extra: bytes) -> bytes:
        """The head as another proxy expects it."""
        return self._join(self.target, extra)

    def _join(self, target: bytes, extra: bytes) -> bytes:
        kept = [line for line in self.headers if line.partition(b":")[0].strip().lower() not in DROPPED]
        close = b"" if self.is_tunnel else b"Connection: close\r\n"
        first = b" ".join((self.method, target, b"HTTP/1.1"))
        return b"\r\n".join((first, *kept)) + b"\r\n" + extra + close + b"\r\n"


def _read_request(client: socket.socket) -> tuple[_Request, bytes]:
    """The head and what came behind it. Raises `Refused` when it is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(MAX_HEAD_BYTES)
        data += chunk
        if not chunk or len(data) > MAX_HEAD_BYTES:
            raise Refused("this is no request")
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    try:
        method, target, _ = first.split(b" ")
        parts = urlsplit(target.decode("ascii") if method != b"CONNECT" else f"//{target.decode('ascii')}")
        host, port = parts.hostname, parts.port or (443 if method == b"CONNECT" else 80)
    except ValueError as error:
        raise Refused("this is no request to a proxy") from error
    if host is None or parts.scheme not in ("", "http"):
        raise Refused("this is no request to a proxy")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}".encode()
    return _Request(method, target, host, port, path, tuple(headers)), rest


def _refuse(client: socket.socket, reason: str) -> None:
    body = f"specwright: {reason}\n".encode()
    head = f"HTTP/1.1 403 Forbidden\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    with suppress(OSError):  # it has gone already
        client.sendall(head + body)
