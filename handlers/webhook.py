"""POST /webhook: check, keep, queue, answer. Nothing of a delivery is parsed before its signature is checked.

Only the few fields that routing needs are read here; the handler reads the rest, in the worker.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from handlers.routing import get_handlers
from handlers.signature import is_valid
from jobs.parts import Parts
from jobs.queue import QueueUnavailable

logger = logging.getLogger(__name__)

# GitHub caps payloads: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap
MAX_BODY_BYTES = 25 * 1024 * 1024
BODY_TIMEOUT_SECONDS = 10  # GitHub gives up then, so whoever is slower is someone else
MAX_ID = 2**63 - 1
DELIVERY_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class Refused(Exception):
    """A request that is not taken: `status` is the answer's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def receive(request: Request) -> Response:
    """202 queued, or kept while the queue is down · 200 known already · 204 nobody is interested · 4xx refused."""
    parts: Parts = request.app.state.parts
    try:
        body = await read_body(request, MAX_BODY_BYTES)
        _check_signature(parts, request, body)
        event, delivery_id = _read_headers(request)
        payload = _parse(body)
    except Refused as refused:
        logger.warning("delivery refused: %s", refused, extra={"status": refused.status})
        return PlainTextResponse(f"{refused}\n", refused.status)
    if (event, _read_action(payload)) not in get_handlers() or not _is_of_app(event, payload):
        return Response(status_code=204)
    return await run_in_threadpool(_keep, parts, delivery_id, event, payload, body)


def _check_signature(parts: Parts, request: Request, body: bytes) -> None:
    secret = parts.settings.webhook_secret.get_secret_value()
    if not is_valid(secret, body, request.headers.get("x-hub-signature-256")):
        raise Refused(401, "the signature does not fit the payload")


def _read_headers(request: Request) -> tuple[str, str]:
    event, delivery_id = request.headers.get("x-github-event"), request.headers.get("x-github-delivery", "")
    if not event or not DELIVERY_ID.fullmatch(delivery_id):
        raise Refused(400, "X-GitHub-Event and X-GitHub-Delivery are required")
    return event, delivery_id


def _keep(parts: Parts, delivery_id: str, event: str, payload: dict[str, Any], body: bytes) -> Response:
    action, repository = _read_action(payload), _read_repository(payload)
    installation_id = _read_installation_id(payload)
    facts = {"delivery": delivery_id, "event": f"{event}.{action}" if action else event, "repository": repository}
    try:
        is_new = parts.store.record_delivery(delivery_id, event, action, installation_id, body, repository)
    except sa.exc.DBAPIError as error:
        logger.error("delivery lost, the database does not take it: %s", type(error.orig).__name__, extra=facts)
        return PlainTextResponse("not kept: the database does not answer; please redeliver\n", 503)
    if not is_new:
        logger.info("delivery known already", extra=facts)
        return PlainTextResponse("known already\n", 200)
    try:
        parts.queue.enqueue_delivery(delivery_id)
    except QueueUnavailable as error:
        logger.warning("delivery kept, the sweep will queue it: %s", error, extra=facts)
        return PlainTextResponse("kept: it is queued when the queue is back\n", 202)
    parts.store.mark_delivery(delivery_id, "queued")
    logger.info("delivery accepted", extra=facts)
    return PlainTextResponse("accepted\n", 202)


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body, read no further than `max_bytes`. Raises `Refused`."""
    too_large = Refused(413, f"the payload exceeds {max_bytes // 2**20} MB")
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise too_large
    except ClientDisconnect as error:
        raise Refused(400, "the connection was closed before the end of the payload") from error
    except TimeoutError as error:
        raise Refused(408, f"the payload did not arrive within {BODY_TIMEOUT_SECONDS} s") from error
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the payload is not JSON; is the webhook's content type application/json?") from error
    if not isinstance(payload, dict):
        raise Refused(400, "the payload is not a JSON object")
    return payload


def _read_action(payload: dict[str, Any]) -> str | None:
    action = payload.get("action")
    return action if isinstance(action, str) else None


def _is_of_app(event: str, payload: dict[str, Any]) -> bool:
    """Whether an App's webhook sent it. A repository's own webhook names no installation, so nobody could act on it."""
    return event == "ping" or "installation" in payload


def _read_installation_id(payload: dict[str, Any]) -> int | None:
    found = _read_part(payload, "installation").get("id")
    return found if isinstance(found, int) and 0 < found <= MAX_ID else None


def _read_repository(payload: dict[str, Any]) -> str | None:
    found = _read_part(payload, "repository").get("full_name")
    return found if isinstance(found, str) and REPOSITORY.fullmatch(found) else None


def _read_part(payload: dict[str, Any], name: str) -> dict[str, Any]:
    part = payload.get(name)
    return part if isinstance(part, dict) else {}
