"""`specwright serve`: the web server."""

from __future__ import annotations

import click
import uvicorn

from bot.config import read_settings
from bot.store.upgrade import upgrade
from handlers.app import create_app
from jobs.logs import start_logs
from jobs.parts import make_parts


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
def command(host: str, port: int) -> None:
    """Take in GitHub's webhooks and show the pages of runs.

    Point the App's webhook at https://YOUR-HOST/webhook. The work itself is done by `specwright worker`.
    """
    settings = read_settings()
    start_logs(settings.log_format)
    parts = make_parts(settings)
    upgrade(parts.store.engine)
    # No access log: the addresses of runs carry their keys.
    uvicorn.run(create_app(parts), host=host, port=port, log_config=None, access_log=False, server_header=False)
