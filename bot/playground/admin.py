"""POST /_playground/VERB with a JSON object: the verbs of `Playground` for another process."""

from __future__ import annotations

import inspect
import json

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.errors import Refused
from bot.playground.playground import Playground

VERBS = sorted(name for name, _ in inspect.getmembers(Playground, inspect.isfunction) if not name.startswith("_"))


def make_admin_routes(playground: Playground) -> list[Route]:
    """The routes."""

    async def answer(request: Request) -> Response:
        name = request.path_params["verb"]
        if name not in VERBS:
            return JSONResponse({"message": f"no such verb; there are {', '.join(VERBS)}"}, 404)
        # A form of another site cannot send this type, so a page in the browser cannot reach these verbs.
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return JSONResponse({"message": "expected Content-Type: application/json"}, 415)
        verb = getattr(playground, name)
        try:
            values = json.loads(await request.body() or b"{}")
            inspect.signature(verb).bind(**values)
        except (ValueError, TypeError) as error:
            return JSONResponse({"message": f"{name}: {error}"}, 422)
        try:
            return JSONResponse(await run_in_threadpool(lambda: verb(**values)))
        except Refused as refused:
            return JSONResponse(refused.render(), refused.status)

    return [Route("/_playground/{verb}", answer, methods=["POST"])]
