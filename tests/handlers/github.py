"""As much of GitHub's REST API as the handlers ask, over real HTTP."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

APP = "specwright"


@dataclass
class GitHubServer:
    """What GitHub holds. `is_down` makes it answer 503, `is_locked` refuse reactions."""

    permissions: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    reactions: set[tuple[int, str]] = field(default_factory=set)
    is_down: bool = False
    is_locked: bool = False
    url: str = ""

    def create_app(self) -> Starlette:
        repo = "/repos/{owner}/{name}"
        routes = [
            Route("/app", lambda request: JSONResponse({"slug": APP})),
            Route("/app/installations/{id:int}/access_tokens", self._create_token, methods=["POST"]),
            Route(repo + "/collaborators/{login}/permission", self._get_permission),
            Route(repo + "/contents/{path:path}", self._get_content),
            Route(repo + "/issues/{number:int}/reactions", self._react, methods=["POST"]),
            Route(repo + "/issues/{number:int}/comments", self._comment, methods=["GET", "POST"]),
        ]
        return Starlette(routes=routes)

    async def _create_token(self, request: Request) -> Response:
        if self.is_down:
            return JSONResponse({"message": "Service unavailable"}, 503)
        return JSONResponse({"token": "t", "expires_at": "2100-01-01T00:00:00Z"}, 201)

    async def _get_permission(self, request: Request) -> Response:
        login = request.path_params["login"]
        if login not in self.permissions:
            return JSONResponse({"message": f"{login} is not a user"}, 404)
        return JSONResponse({"permission": self.permissions[login], "role_name": self.permissions[login]})

    async def _get_content(self, request: Request) -> Response:
        content = self.files.get(request.path_params["path"])
        if content is None:
            return JSONResponse({"message": "Not Found"}, 404)
        return JSONResponse({"type": "file", "encoding": "base64", "content": base64.b64encode(content).decode()})

    async def _react(self, request: Request) -> Response:
        if self.is_locked:
            return JSONResponse({"message": "Unable to create reaction because issue is locked"}, 403)
        self.reactions.add((request.path_params["number"], (await request.json())["content"]))
        return JSONResponse({"id": 1}, 201)

    async def _comment(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(self.comments)
        user = {"login": f"{APP}[bot]", "id": 1}
        comment = {"id": 1, "body": (await request.json())["body"], "user": user, "html_url": "https://x"}
        self.comments.append(comment)
        return JSONResponse(comment, 201)


@contextmanager
def serve(app: Starlette) -> Iterator[str]:
    """The application over HTTP on a free port of this machine, and its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
        assert thread.is_alive()
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
