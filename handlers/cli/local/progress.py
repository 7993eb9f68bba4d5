"""A run, watched from the terminal: one line a step, as it ends."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence

import click

from bot.store import ACTIVE, Run, Step, Store
from bot.words.text import render_duration
from jobs import steps

LOOK_SECONDS = 0.2
RUN_TIMEOUT_SECONDS = 60
MARKS = {"finished": ("✓", "green"), "failed": ("✗", "red"), "running": ("…", "yellow")}


class NoRun(Exception):
    """The bot has not made a run of the issue."""


def follow(store: Store, repository: str, issue: int, check: Callable[[], None]) -> Run:
    """Prints the steps of the issue's run until it ends, and returns it. `check` may raise when something has died."""
    pause = threading.Event()
    shown: dict[str, str] = {}
    deadline = time.monotonic() + RUN_TIMEOUT_SECONDS
    while True:
        check()
        run = store.find_latest_run(repository, issue)
        if run is not None:
            _show(store.list_steps(run.id), shown)
            if run.status not in ACTIVE:
                return run
        elif time.monotonic() > deadline:
            raise NoRun(f"no run of {repository}#{issue} after {RUN_TIMEOUT_SECONDS} s")
        pause.wait(LOOK_SECONDS)


def _show(found: Sequence[Step], shown: dict[str, str]) -> None:
    for step in found:
        if shown.get(step.name) != step.state:
            _show_step(step)
            shown[step.name] = step.state


def _show_step(step: Step) -> None:
    mark, colour = MARKS[step.state]
    line = f"  {click.style(mark, fg=colour)} {steps.TITLES[step.name]}"
    if step.state == "running":
        if sys.stdout.isatty():
            click.echo(f"{line}\r", nl=False)  # the line is written over when the step has ended
        return
    duration = (step.ended - step.started).total_seconds() if step.ended else 0.0
    click.echo(f"{line:<70} {click.style(render_duration(duration), dim=True)}")
