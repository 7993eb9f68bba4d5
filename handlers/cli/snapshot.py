"""`specwright snapshot`: the structure of a database as a file, made where the database can be reached."""

from __future__ import annotations

import os
import sys

import click

from bot.drift.live import read_live, render_file
from bot.live.session import LiveUnavailable

VARIABLE = "DATABASE_URL"


@click.command()
@click.option("--url-env", default=VARIABLE, show_default=True, help="Variable that holds the database's URL.")
@click.option("--timeout", "timeout_seconds", type=click.FloatRange(0.1, 600), default=30, show_default=True)
def command(url_env: str, timeout_seconds: float) -> None:
    """Print the structure of a live Postgres as JSON, for `specwright drift --snapshot NAME=FILE`.

    The catalog is read in a read-only transaction, and no row but those of Alembic's own table.
    Neither the URL nor any name of a host or user is in the file.
    """
    url = os.environ.get(url_env)
    if not url:
        click.echo(f"specwright snapshot: the variable {url_env} is not set", err=True)
        sys.exit(2)
    try:
        structure = read_live(url, timeout_seconds)
    except LiveUnavailable as error:
        click.echo(f"specwright snapshot: {error}", err=True)
        sys.exit(2)
    click.echo(render_file(structure), nl=False)
