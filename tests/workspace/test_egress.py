"""The way out of the sandbox: through the bot's proxy, to the internet and the registry, never to the machine."""

from __future__ import annotations

import http.server
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.workspace.egress import is_closed
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.sandbox import Completed, Limits, Network, Sandbox

PYTHON = Path(sys.executable).resolve()
GET = """
import os, sys, urllib.error, urllib.request
os.environ.update(no_proxy='', NO_PROXY='')
for url in sys.argv[1:]:
    try:
        print(urllib.request.urlopen(url, timeout=20).read().decode())
    except OSError as error:
        print(error)
"""
FORBIDDEN = "HTTP Error 403: Forbidden\n"
Run = Callable[..., Completed]


class Handler(http.server.BaseHTTPRequestHandler):
    """Says what it was asked; as a proxy it is asked for whole URLs."""

    def do_GET(self) -> None:
        body = f"asked for {self.path} as {self.headers.get('Proxy-Authorization', 'nobody')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"tunnel to " + self.path.encode())

    def log_message(self, *arguments: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def server() -> Iterator[int]:
    """The port of an HTTP server of the bot's machine, on 127.0.0.1."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def run_python(sandbox: Sandbox, tmp_path: Path) -> Run:
    def run(source: str, *arguments: object, network: Network) -> Completed:
        return sandbox.run(
            [str(PYTHON), "-I", "-c", source, *map(str, arguments)],
            cwd=tmp_path,
            writable=[tmp_path],
            readable=find_interpreter_paths(PYTHON),
            network=network,
            limits=Limits(timeout_seconds=60),
        )

    return run


def test_the_machine_stays_closed(run_python: Run, server: int) -> None:
    hosts = ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "127.1", "10.0.0.1")
    urls = [f"http://{host}:{port}/" for host in hosts for port in (server, 80)]
    completed = run_python(GET, *urls, network=Network())
    assert completed.stdout == FORBIDDEN * len(urls)


def test_there_is_no_other_way(run_python: Run, server: int) -> None:
    source = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
    assert "Connection refused" in run_python(source, "127.0.0.1", server, network=Network()).stderr
    assert "Network is unreachable" in run_python(source, "192.0.2.1", 80, network=Network()).stderr


def test_other_ports_than_those_of_http_are_closed(run_python: Run) -> None:
    assert run_python(GET, "http://192.0.2.1:6379/", network=Network()).stdout == FORBIDDEN


def test_a_trusted_host_is_open(run_python: Run, server: int) -> None:
    urls = (f"http://127.0.0.1:{server}/simple/?a=b", f"http://127.0.0.1:{server + 1}/")
    completed = run_python(GET, *urls, network=Network(trusted=frozenset({("127.0.0.1", server)})))
    assert completed.stdout == f"asked for /simple/?a=b as nobody\n{FORBIDDEN}"


def test_the_machines_own_proxy_is_used(run_python: Run, server: int) -> None:
    network = Network(proxies={"all": f"http://me:p%40ss@127.0.0.1:{server}"})
    urls = ("http://example.invalid/page", "http://127.0.0.1/", "http://localhost/", "http://169.254.169.254/")
    completed = run_python(GET, *urls, network=network)
    assert completed.stdout == f"asked for {urls[0]} as Basic bWU6cEBzcw==\n{FORBIDDEN * 3}"


def test_a_tunnel_goes_through_the_machines_own_proxy(run_python: Run, server: int) -> None:
    source = """
import os, socket, urllib.parse
proxy = urllib.parse.urlsplit(os.environ['HTTPS_PROXY'])
connection = socket.create_connection((proxy.hostname, proxy.port))
connection.sendall(b'CONNECT example.invalid:443 HTTP/1.1\\r\\n\\r\\n')
answer = b''
while not answer.endswith(b'invalid:443'):
    answer += connection.recv(1000)
print(answer.decode())
"""
    completed = run_python(source, network=Network(proxies={"https": f"127.0.0.1:{server}"}))
    assert completed.stdout.endswith("tunnel to example.invalid:443\n")


@pytest.mark.parametrize(
    "request_line", ["", "GET / HTTP/1.1", "CONNECT HTTP/1.1", "GET ftp://x/ HTTP/1.1", "x" * 99_999]
)
def test_what_is_no_request_is_refused(run_python: Run, request_line: str) -> None:
    source = """
import os, socket, sys, urllib.parse
proxy = urllib.parse.urlsplit(os.environ['HTTP_PROXY'])
connection = socket.create_connection((proxy.hostname, proxy.port))
connection.sendall(sys.argv[1].encode() + b'\\r\\n\\r\\n')
print(connection.recv(12).decode())
"""
    assert run_python(source, request_line, network=Network()).stdout in ("HTTP/1.1 403\n", "\n")


def test_status_of_the_command_is_kept(run_python: Run) -> None:
    assert run_python("raise SystemExit(7)", network=Network()).returncode == 7
    assert run_python("import os; os.kill(os.getpid(), 9)", network=Network()).returncode == 128 + 9


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.31.255.255", True),
        ("172.32.0.0", False),
        ("192.168.0.1", True),
        ("169.254.169.254", True),
        ("100.100.100.200", True),
        ("0.0.0.0", True),
        ("255.255.255.255", True),
        ("8.8.8.8", False),
        ("::1", True),
        ("::", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::7f00:1", True),
        ("2002:7f00:1::", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("2606:4700::1111", False),
    ],
)
def test_closed_addresses(address: str, expected: bool) -> None:
    assert is_closed(address) is expected


def test_a_public_address_of_this_machine_is_closed_too() -> None:
    """The kernel connects it with itself; told by the address being the same at both ends."""
    from bot.workspace import egress

    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(egress, "CLOSED", ())  # as if 127.0.0.1 were a public address
            patch.setattr(egress, "PUBLIC_PORTS", (port,))
            with pytest.raises(egress.Refused, match="is this machine"):
                egress.connect(Network(), host, port)
