"""Runs the playground: in this process for tests, or until a signal ends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from bot.playground.playground import Playground
from bot.playground.server import create_app

HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 30


@contextmanager
def open_playground(directory: Path, port: int = 0, **limits: Any) -> Iterator[Playground]:
    """The playground in a thread of this process, over real HTTP on a free port: `playground.site.url`.

    `limits` are those of `create_app`.
    """
    listener = listen(port)
    app = create_app(directory, url=get_url(listener), **limits)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="playground", daemon=True)
    thread.start()
    try:
        wait_until_started(server, thread)
        yield app.state.playground
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def listen(port: int) -> socket.socket:
    """A listening socket of this machine; port 0 takes a free one. Raises `OSError` when the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def get_url(listener: socket.socket) -> str:
    """The address that the socket is reached at."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


def make_server(app: Starlette) -> uvicorn.Server:
    """The server; connections that are still open when it ends are given two seconds."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2, lifespan="on"
    )
    return uvicorn.Server(config)


def wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    """Waits until the server answers. Raises `RuntimeError` when it does not."""
    waited = 0.0
    while not server.started:
        thread.join(0.01)
        waited += 0.01
        if not thread.is_alive() or waited > START_TIMEOUT_SECONDS:
            raise RuntimeError("the server did not start; its log says why")
