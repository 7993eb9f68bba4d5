"""A playground with people, a repository and an installed App, and who listens to its webhooks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import yaml

from bot.playground.playground import Playground
from bot.playground.running import open_playground

ROOT = Path(__file__).parent.parent.parent
MANIFEST = (ROOT / "app.yml").read_text()
SECRET = "the secret of the webhooks"
REPO = "acme/shop"
PEOPLE = {"olivia": "admin", "will": "write", "rita": "read"}
EVERY_EVENT = ("check_run", "create", "delete", "issue_comment", "issues", "label", "pull_request", "push")


@dataclass
class Listener:
    """Keeps what it is sent. Answers `status`, when `go` is set."""

    url: str = ""
    status: int = 202
    go: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def get_payload(self, event: str, action: str | None = None) -> dict[str, Any]:
        """The last payload of that event."""
        found = [json.loads(body) for headers, body in self.requests if headers["x-github-event"] == event]
        return [payload for payload in found if payload.get("action") == action][-1]

    def list_events(self) -> list[str]:
        """The events that came, with their actions."""
        names = []
        for headers, body in self.requests:
            action = json.loads(body).get("action")
            names.append(headers["x-github-event"] + (f".{action}" if action else ""))
        return names


@dataclass
class World:
    """The playground and the keys to it."""

    playground: Playground
    listener: Listener
    private_key: str
    app: dict[str, Any]
    installation: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it is."""
        return self.playground.site.url

    @property
    def api_url(self) -> str:
        """Its REST API."""
        return self.playground.site.api_url

    def make_jwt(self, **claims: Any) -> str:
        """The App's JSON web token; claims replace what is right, None leaves one out."""
        now = int(time.time())
        whole = {"iss": str(self.app["id"]), "iat": now - 60, "exp": now + 540, **claims}
        return jwt.encode({key: value for key, value in whole.items() if value is not None}, self.private_key, "RS256")

    def make_token(self, **body: Any) -> str:
        """A new token of the installation."""
        path = f"/app/installations/{self.installation['id']}/access_tokens"
        answer = self.call("POST", path, self.make_jwt(), json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def get_login_token(self, login: str) -> str:
        """A person's token."""
        return str(self.playground.create_account(login)["token"])

    def call(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        """A request to the API."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return httpx.request(method, self.api_url + path, headers=headers | more.pop("headers", {}), **more)

    def wait(self) -> None:
        """Until every webhook got its answer."""
        assert self.playground.wait_for_deliveries()["done"]


@contextmanager
def open_world(
    directory: Path,
    keys: tuple[str, str],
    listener: Listener,
    *,
    delivery_timeout_seconds: float = 10,
    token_lifetime: timedelta = timedelta(hours=1),
    **manifest: Any,
) -> Iterator[World]:
    """The world; `manifest` replaces what app.yml says. The App hears of every event."""
    private, public = keys
    described = {**yaml.safe_load(MANIFEST), "default_events": list(EVERY_EVENT), **manifest}
    limits = {"delivery_timeout_seconds": delivery_timeout_seconds, "token_lifetime": token_lifetime}
    with open_playground(directory / "state", **limits) as playground:
        playground.create_account("acme", "Organization", "Acme")
        playground.create_account("stan", name="Stan Stranger")
        playground.create_repository(REPO, str(make_source(directory)), collaborators=PEOPLE)
        app = playground.ensure_app(described, public, "acme", listener.url, SECRET)
        installation = playground.install_app(app["slug"], "acme")
        yield World(playground, listener, private, app, installation)


def make_source(directory: Path) -> Path:
    """A folder that becomes the first commit."""
    folder = directory / "source"
    folder.mkdir()
    (folder / "README.md").write_text("# Shop\n\nSells **things**.\n")
    (folder / "src").mkdir()
    (folder / "src" / "main.py").write_text("print('hello')\n")
    return folder


@contextmanager
def listen() -> Iterator[Listener]:
    """A listener over real HTTP."""
    listener = Listener()
    listener.go.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            listener.requests.append(({key.lower(): value for key, value in self.headers.items()}, body))
            listener.go.wait()
            self.send_response(listener.status)
            self.end_headers()
            self.wfile.write(b"thank you")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/webhook"
    try:
        yield listener
    finally:
        listener.go.set()
        server.shutdown()
        thread.join()
        server.server_close()
