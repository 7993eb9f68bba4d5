"""A chat hears of it, and holds nothing up; its address is told nobody."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from jobs.drift_chat import say_in_chat
from tests.handlers.settings import make_settings


@contextmanager
def listen(status: int) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A chat's webhook, and what it has heard."""
    heard: list[dict[str, str]] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hidden", heard
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [200, 404])
def test_a_line(status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with listen(status) as (url, heard):
        say_in_chat(make_settings(tmp_path, "redis://", drift_chat_url=url), "acme/shop: Drift: 1 data.")
    assert heard == [{"text": "acme/shop: Drift: 1 data."}]
    assert ("the chat refused a report" in caplog.messages) == (status == 404)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hidden", "hidden"])
def test_a_chat_that_is_not_there(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        say_in_chat(make_settings(tmp_path, "redis://", drift_chat_url=url), "text")
    assert len(caplog.messages) == 1
    assert "hidden" not in caplog.text


def test_no_chat(tmp_path: Path) -> None:
    say_in_chat(make_settings(tmp_path, "redis://"), "text")
