"""Carries out the faults that tests switched on, around the API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.api import make_headers
from bot.playground.errors import DOCS
from bot.playground.faults import Fault
from bot.playground.site import Site


class FaultsMiddleware:
    """Each fault hits a request before (or, a lost answer, after) the work is done."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        fault = None
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            fault = self.site.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
        elif fault.kind == "lost_answer":
            await self._lose(scope, receive, send)
        else:
            await Request(scope, receive).body()
            await _render(self.site, fault)(scope, receive, send)

    async def _lose(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The server closes a connection whose answer is shorter than it said."""

        async def swallow(message: Message) -> None:
            pass

        await self.app(scope, receive, swallow)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


def _render(site: Site, fault: Fault) -> JSONResponse:
    headers = make_headers(site)
    if fault.kind == "server_error":
        return JSONResponse({"message": "Server Error"}, fault.status or 502, headers)
    if fault.kind == "secondary_rate_limit":
        headers["Retry-After"] = str(fault.seconds)
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    else:
        reset = int(site.clock().timestamp()) + fault.seconds
        headers |= {"X-RateLimit-Remaining": "0", "X-RateLimit-Used": "5000", "X-RateLimit-Reset": str(reset)}
        message = "API rate limit exceeded for installation."
    return JSONResponse({"message": message, "documentation_url": DOCS}, fault.status or 403, headers)
