"""The ASGI application of the playground: API, git and pages under one address.

As on an Enterprise server, the REST API is below /api/v3, GraphQL is /api/graphql, and git has the pages' addresses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.playground.admin import make_admin_routes
from bot.playground.api import make_api_routes, render_refusal
from bot.playground.errors import not_found
from bot.playground.faults_middleware import FaultsMiddleware
from bot.playground.graphql import make_graphql_route
from bot.playground.guard import GuardMiddleware
from bot.playground.pages import make_page_routes, render_missing
from bot.playground.playground import Playground
from bot.playground.repair import repair
from bot.playground.site import Site
from bot.playground.smart_http import make_git_routes
from bot.playground.webhooks.send import Sender


def create_app(
    directory: Path,
    *,
    url: str = "http://127.0.0.1:8000",
    token_lifetime: timedelta = timedelta(hours=1),
    delivery_timeout_seconds: float = 10,
) -> Starlette:
    """The application with its state in `directory` (made when it is not there). `url` is where it is reached.

    `app.state.playground` is the `Playground`, which does by hand what people and administrators do.
    """
    site = Site(
        directory,
        url.rstrip("/"),
        token_lifetime=token_lifetime,
        delivery_timeout_seconds=delivery_timeout_seconds,
    )
    repair(site)
    sender = Sender(site)
    site.on_commit = sender.notify
    playground = Playground(site, sender)
    routes = [
        Route("/_playground/health", _show_health),
        *make_admin_routes(playground),
        Mount("/api/v3", routes=make_api_routes(site)),
        make_graphql_route(site),
        *make_git_routes(site),
        *make_page_routes(site),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(GuardMiddleware, site=site), Middleware(FaultsMiddleware, site=site)],
        exception_handlers={HTTPException: _make_error_handler(site)},
        lifespan=_make_lifespan(site, sender),
    )
    app.state.playground = playground
    return app


async def _show_health(_: Request) -> Response:
    return PlainTextResponse("ok\n")


def _make_error_handler(site: Site) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, error: Exception) -> Response:
        """What is not there: JSON for programs, a page for people. A wrong method is 404, too, as on GitHub."""
        if request.url.path.startswith("/api/"):
            return render_refusal(site, not_found())
        return await run_in_threadpool(render_missing, site, request)

    return handle


def _make_lifespan(site: Site, sender: Sender) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_: Starlette) -> AsyncIterator[None]:
        sender.start()
        yield
        sender.stop()
        site.close()

    return run
