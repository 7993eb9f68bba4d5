"""The server: POST /v1/messages, answered by a policy."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.playground.claude.cache import Counted, PromptCache
from bot.playground.claude.check import BadRequest, check_request
from bot.playground.claude.script import Answer, Asked, Fault, Policy
from bot.playground.claude.stream import make_signature, render_event, render_events
from bot.playground.running import get_url, listen, make_server, wait_until_started

KEY = "sk-ant-playground"
LOOK_SECONDS = 0.01
MODELS = {"claude-opus-5-5": "Claude Opus 5.5"}


class Broken(Exception):
    """The connection is cut in the middle, on order."""


@dataclass
class ScriptedClaude:
    """The API and its script. `requests` are the bodies that were answered, `counted` their tokens, in order.

    `is_held` says that an answer stands still in its middle, on order, until `let_go`.
    """

    policy: Policy
    url: str = ""
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_held: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    _cache: PromptCache = field(default_factory=PromptCache)
    _signed: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def answer(self, body: Mapping[str, Any]) -> tuple[str, Answer, Counted] | Fault:
        """What the policy says to that request. Raises `BadRequest`."""
        with self._lock:
            if self.faults:
                return self.faults.pop(0)
            check_request(body, self._signed)
            said = self.policy(Asked(body))
            if isinstance(said, Fault):
                return said
            self._number += 1
            message_id = f"msg_{self._number:06}"
            if said.thinking:
                self._signed[make_signature(message_id)] = said.thinking
            counted = self._cache.count(body)
            self.requests.append(body)
            self.counted.append(counted)
            return message_id, said, counted


@contextmanager
def open_claude(policy: Policy, port: int = 0) -> Iterator[ScriptedClaude]:
    """The server in a thread of this process, over real HTTP: `url` is its address, `KEY` the key that it takes."""
    claude, listener = ScriptedClaude(policy), listen(port)
    claude.url = get_url(listener)
    server = make_server(create_app(claude))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="claude", daemon=True)
    thread.start()
    try:
        wait_until_started(server, thread)
        yield claude
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def create_app(claude: ScriptedClaude) -> Starlette:
    """The ASGI application."""

    async def create_message(request: Request) -> Response:
        fault = _find_fault(request)
        if fault is not None:
            return _render_fault(fault)
        body = json.loads(await request.body())
        try:
            answered = await run_in_threadpool(claude.answer, body)
        except BadRequest as error:
            claude.refused.append(str(error))
            return _render_fault(Fault(400, "invalid_request_error", str(error)))
        if isinstance(answered, Fault):
            return _render_fault(answered)
        return StreamingResponse(_stream(claude, *answered, str(body["model"])), media_type="text/event-stream")

    async def get_model(request: Request) -> Response:
        name = request.path_params["model"]
        fault = _find_fault(request)
        if fault is None and name not in MODELS:
            fault = Fault(404, "not_found_error", f"model: {name}")
        if fault is not None:
            return _render_fault(fault)
        facts = {"id": name, "type": "model", "display_name": MODELS[name], "lifecycle": "active"}
        return JSONResponse({**facts, "created_at": "2026-09-22T00:00:00Z"})

    return Starlette(
        routes=[
            Route("/v1/messages", create_message, methods=["POST"]),
            Route("/v1/models/{model}", get_model),
        ]
    )


def _find_fault(request: Request) -> Fault | None:
    """What is wrong with the headers."""
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    if KEY not in (request.headers.get("x-api-key"), bearer):
        return Fault(401, "authentication_error", "invalid x-api-key")
    if not request.headers.get("anthropic-version"):
        return Fault(400, "invalid_request_error", "anthropic-version: header is required")
    return None


async def _stream(
    claude: ScriptedClaude, message_id: str, answer: Answer, counted: Counted, model: str
) -> AsyncIterator[bytes]:
    for number, (name, content) in enumerate(render_events(answer, message_id, model, counted)):
        if number == answer.held_after:
            claude.is_held.set()
            while not claude.let_go.is_set():
                await asyncio.sleep(LOOK_SECONDS)
        if answer.error_after is not None and number == answer.error_after[0]:
            yield render_event("error", {"error": {"type": answer.error_after[1], "message": "on order"}})
            return
        if number == answer.cut_after:
            if answer.is_rude:
                raise Broken
            return
        yield render_event(name, content)


def _render_fault(fault: Fault) -> JSONResponse:
    body = {"type": "error", "error": {"type": fault.type, "message": fault.message}, "request_id": "req_playground"}
    return JSONResponse(body, fault.status, headers=dict(fault.headers))
