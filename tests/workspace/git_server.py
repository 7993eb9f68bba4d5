"""A git server on localhost: `git http-backend` behind real HTTP, which lets in only who shows the right token."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

TOKEN = "ghs_the0token0of0the0installation"


@dataclass
class GitServer:
    """`root` holds bare repositories; `requests` are the paths asked for, `authorizations` the headers that came."""

    root: Path
    url: str = ""
    status: int | None = None  # answered to everything, when set
    location: str | None = None  # where everything is redirected to, when set
    requests: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    def clone_url(self, repository: str) -> str:
        return f"{self.url}/{repository}.git"


@contextmanager
def serve(root: Path) -> Iterator[GitServer]:
    """The server while the block runs."""
    state = GitServer(root)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _make_handler(state: GitServer) -> type[BaseHTTPRequestHandler]:  # noqa: C901
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self._read_body())

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _answer(self, body: bytes) -> None:
            state.requests.append(self.path)
            state.authorizations.append(self.headers["Authorization"])
            if state.location is not None:
                self._say(302, [("Location", f"{state.location}{self.path}")], b"")
            elif state.status is not None:
                self._say(state.status, [], b"")
            elif self.headers["Authorization"] is None:
                self._say(401, [("WWW-Authenticate", 'Basic realm="GitHub"')], b"")
            elif self.headers["Authorization"] != _render_header(TOKEN):
                self._say(403, [], b"")
            else:
                self._run_git(body)

        def _read_body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _run_git(self, body: bytes) -> None:
            url = urlsplit(self.path)
            env = {
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "GIT_PROJECT_ROOT": str(state.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_COUNT": "2",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "GIT_CONFIG_KEY_1": "uploadpack.allowAnySHA1InWant",  # as GitHub does
                "GIT_CONFIG_VALUE_1": "true",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": url.path,
                "QUERY_STRING": url.query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "installation",
                "REMOTE_ADDR": "127.0.0.1",
            }
            output = subprocess.run(
                ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
            ).stdout
            head, _, content = output.partition(b"\r\n\r\n")
            headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
            status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
            self._say(status, [(name, value) for name, value in headers if name != "Status"], content)

        def _say(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
            self.send_response(status)
            for name, value in [*headers, ("Content-Length", str(len(content)))]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _render_header(token: str) -> str:
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
