"""Where code in the sandbox may connect to, when it may at all: public addresses and the package registry.

The step that installs dependencies runs code of packages that are built. With the machine's network it would reach
what listens there without a password: Redis, from which the bot's workers take their jobs, or a cloud's metadata.
"""

from __future__ import annotations

import base64
import ipaddress
import socket
from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from bot.workspace.sandbox import Network

CONNECT_TIMEOUT_SECONDS = 30
PUBLIC_PORTS = (80, 443)
# https://www.iana.org/assignments/iana-ipv4-special-registry and …-ipv6-…: this machine, this network, private ones,
# and the ranges of IPv6 that lead to an address of IPv4.
CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/127", "::ffff:0:0/96", "64:ff9b::/96", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)


class Refused(Exception):
    """The way is not open; the message says why."""


def connect(network: Network, host: str, port: int) -> socket.socket:
    """A connection to the host itself. Raises `Refused`, or `OSError` when nobody answers."""
    trusted = (host.lower(), port) in network.trusted
    if not trusted and port not in PUBLIC_PORTS:
        raise Refused(f"port {port} of {host} is closed to the sandbox")
    failure: Exception = Refused(f"{host} has no address")
    for address in _resolve(host, port):
        if not trusted and is_closed(address):
            failure = Refused(f"{host} is at {address}, which is closed to the sandbox")
            continue
        try:
            connection = socket.create_connection((address, port), CONNECT_TIMEOUT_SECONDS)
        except OSError as error:
            failure = error
            continue
        # A public address of this very machine: the kernel then connects it with itself.
        if trusted or connection.getsockname()[0] != connection.getpeername()[0]:
            return connection
        connection.close()
        failure = Refused(f"{host} is this machine, which is closed to the sandbox")
    raise failure


def is_closed(address: str) -> bool:
    """Whether the address is none that everybody on the internet could reach."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return any(parsed in network for network in CLOSED)


def find_upstream(proxies: Mapping[str, str], scheme: str, host: str) -> SplitResult | None:
    """The proxy that the machine itself must use for the host, if any. `proxies` is as in `Network`."""
    names = [name.strip().lstrip("*.").lower() for name in proxies.get("no", "").split(",") if name.strip()]
    if proxies.get("no", "").strip() == "*" or any(host == name or host.endswith(f".{name}") for name in names):
        return None
    url = proxies.get(scheme) or proxies.get("all")
    return urlsplit(url if "//" in url else f"//{url}") if url else None


def connect_upstream(upstream: SplitResult, host: str) -> socket.socket:
    """A connection to the proxy that leads to `host`. Raises `Refused` for what it must not be asked for, `OSError`."""
    try:
        is_own = is_closed(host)
    except ValueError:
        is_own = host.lower().rstrip(".") == "localhost"  # other names are for the proxy to look up
    if is_own:
        raise Refused(f"{host} is closed to the sandbox")
    return socket.create_connection((upstream.hostname or "", upstream.port or 80), CONNECT_TIMEOUT_SECONDS)


def render_authorization(upstream: SplitResult) -> bytes:
    """The header that the proxy asks for, empty when its URL names nobody."""
    if upstream.username is None:
        return b""
    pair = f"{unquote(upstream.username)}:{unquote(upstream.password or '')}"
    return b"Proxy-Authorization: Basic " + base64.b64encode(pair.encode()) + b"\r\n"


def _resolve(host: str, port: int) -> Iterator[str]:
    """Its addresses, looked up once: what was checked is what is connected to."""
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        yield str(address[0])
