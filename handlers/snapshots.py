"""POST /snapshots/OWNER/REPOSITORY/ENVIRONMENT: the structure of a database that the bot does not reach.

The token is that of the very environment, on the bot's side. Nothing of the body is read before it is checked.
"""

from __future__ import annotations

import hashlib
import hmac
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from handlers.webhook import Refused, read_body
from jobs.parts import Parts
from jobs.queue import QueueUnavailable

logger = logging.getLogger(__name__)

MAX_SNAPSHOT_BYTES = 20 * 1024 * 1024  # 5,000 tables are some 12 MB


async def receive(request: Request) -> Response:
    """202 kept, and a check is queued · 401 no such token · 413 too large · 422 no snapshot."""
    parts: Parts = request.app.state.parts
    key = "/".join(request.path_params[name] for name in ("owner", "repository", "environment"))
    try:
        if not _is_allowed(parts, key, request.headers.get("authorization", "")):
            raise Refused(401, "the token does not fit the environment")
        body = await read_body(request, MAX_SNAPSHOT_BYTES)
    except Refused as refused:
        logger.warning("snapshot refused: %s", refused, extra={"status": refused.status})
        return PlainTextResponse(f"{refused}\n", refused.status)
    return await run_in_threadpool(_keep, parts, key, body)


def _is_allowed(parts: Parts, key: str, header: str) -> bool:
    """Whether it is the token of the environment; compared as digests, so that time tells neither it nor its length."""
    scheme, _, token = header.partition(" ")
    known = parts.settings.snapshot_tokens.get(key)
    expected = known.get_secret_value() if known is not None else ""
    is_same = hmac.compare_digest(_digest(token.strip()), _digest(expected))
    return is_same and bool(expected) and scheme.lower() == "bearer"


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _keep(parts: Parts, key: str, body: bytes) -> Response:
    from bot.drift.live import BadSnapshot, read_text, render_file

    try:
        structure = read_text(body)
    except BadSnapshot as error:
        logger.warning("snapshot refused: %s", error, extra={"environment": key})
        return PlainTextResponse(f"{error}\n", 422)
    repository, _, environment = key.rpartition("/")
    parts.store.set_snapshot(repository, environment, render_file(structure))
    logger.info("snapshot kept", extra={"environment": key})
    installation_id = parts.store.find_installation(repository)
    if installation_id is not None:
        cause = f"snapshot {hashlib.sha256(body).hexdigest()}"
        check = parts.store.ensure_drift_check(repository, installation_id, cause)
        try:
            parts.queue.enqueue_check(check.id, check.attempts)
        except QueueUnavailable as error:
            logger.warning("the sweep will queue the check: %s", error, extra={"check": check.id})
    return PlainTextResponse("kept\n", 202)
