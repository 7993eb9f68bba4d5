"""`specwright worker`: the processes that do the work."""

from __future__ import annotations

import logging

import click

from bot.config import read_settings
from bot.store import Store
from bot.store.upgrade import upgrade
from jobs.logs import start_logs
from jobs.worker import work

logger = logging.getLogger(__name__)


@click.command()
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 64), help="Runs to work on at a time.")
def command(count: int) -> None:
    """Work on runs and drift checks, and look for what was lost.

    Start as many as you like, on as many machines as you like, on one Redis and one Postgres. Ctrl-C or SIGTERM ends it
    within seconds: another worker takes its runs up at their first unfinished step.
    """
    settings = read_settings()
    start_logs(settings.log_format)
    if settings.sandbox == "none":
        logger.warning("SPECWRIGHT_SANDBOX=none: the code of every repository runs here UNCONFINED")
    store = Store(settings.get_database_url())
    upgrade(store.engine)
    store.close()
    work(settings, count)
