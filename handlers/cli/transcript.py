"""`specwright transcript`: what a model was told, answered and did in a run."""

from __future__ import annotations

import click

from bot.config import read_settings
from bot.store import UnknownRun
from jobs.parts import make_parts
from jobs.transcript_page import LIMIT_CHARACTERS, render_transcript


@click.command()
@click.argument("run_id", type=click.IntRange(1))
@click.option("--characters", default=LIMIT_CHARACTERS, show_default=True, type=click.IntRange(1), help="Of each line.")
def command(run_id: int, characters: int) -> None:
    """Print the transcript of the run RUN_ID as Markdown: each prompt, thought, call and result, with its cost.

    It is there while the run goes on, and after a worker died. The number of a run is in the link on its issue.
    """
    store = make_parts(read_settings()).store
    try:
        run = store.get_run(run_id)
    except UnknownRun as error:
        raise click.ClickException(str(error)) from error
    entries = store.list_entries(run_id)
    if not entries:
        raise click.ClickException(f"no model took part in run {run_id}")
    click.echo(render_transcript(run, entries, characters))
