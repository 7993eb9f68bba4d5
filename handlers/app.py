"""The web server: GitHub's deliveries come in, people look at a run, monitors ask for its health."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from handlers import snapshots
from handlers.checks import SERVER_CHECKS
from handlers.pages import home, rule, run
from handlers.webhook import receive
from jobs.parts import Parts


def create_app(parts: Parts) -> Starlette:
    """The ASGI application on these parts. The tables of the store must have been made."""
    routes = [
        Route("/webhook", receive, methods=["POST"]),
        Route("/snapshots/{owner}/{repository}/{environment}", snapshots.receive, methods=["POST"]),
        Route("/healthz", show_health),
        Route("/readyz", show_readiness),
        Route("/", home.show),
        Route("/runs/{run_id:int}", run.show),
        Route("/rules/{name}", rule.show),
    ]
    app = Starlette(routes=routes)
    app.state.parts = parts
    return app


async def show_health(request: Request) -> Response:
    """200 as long as the process answers."""
    return PlainTextResponse("ok\n")


async def show_readiness(request: Request) -> Response:
    """200 when all that a run needs is there, else 503 naming what is missing; `specwright doctor` says why."""
    results = await run_in_threadpool(lambda: [check(request.app.state.parts) for check in SERVER_CHECKS])
    states = {result.name: "ok" if result.ok else "not ready" for result in results}
    return JSONResponse(states, 200 if all(result.ok for result in results) else 503)
