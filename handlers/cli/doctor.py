"""`specwright doctor`: what is there, what is missing, what to do about it."""

from __future__ import annotations

import sys

import click

from bot.config import read_settings
from handlers.checks import ALL_CHECKS, CheckResult
from jobs.parts import make_parts

NAME_WIDTH = 17


@click.command()
def command() -> None:
    """Check the settings, the database, Redis, git, the sandbox and GitHub, and say what to do.

    Ends with exit code 1 when something is missing, with 2 when the settings are not complete.
    """
    parts = make_parts(read_settings())
    click.echo(f"ok       {'settings':{NAME_WIDTH}}  data in {parts.settings.data_dir.absolute()}")
    results = []
    for check in ALL_CHECKS:
        results.append(check(parts))
        click.echo(render(results[-1]))
    missing = sum(not result.ok for result in results)
    click.echo(f"\n{missing} of {len(results)} checks failed." if missing else "\nEverything is there.")
    sys.exit(bool(missing))


def render(result: CheckResult) -> str:
    """A line of the table, and below it what to do when the check failed."""
    line = f"{'ok' if result.ok else 'MISSING':7}  {result.name:{NAME_WIDTH}}  {result.found}"
    if result.ok or not result.remedy:
        return line
    indent = " " * (7 + 2 + NAME_WIDTH + 2)
    return "\n".join([line, *(f"{indent}{text}" for text in result.remedy.splitlines())])
