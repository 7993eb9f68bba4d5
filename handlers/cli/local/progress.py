"""A run, watched from the terminal: one line a step, as it ends."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click

from bot.store import ACTIVE, Run, Step, Store
from bot.words.text import render_duration
from jobs import steps

LOOK_SECONDS = 0.2
RUN_TIMEOUT_SECONDS = 60
CLEAR_LINE = "\x1b[2K"
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
        if step.state == "running":
            _show_running(step)
        elif shown.get(step.name) != step.state:
            shown[step.name] = step.state
            _show_ended(step)


def _show_running(step: Step) -> None:
    """On a terminal the line is written again and again until the step has ended; a file gets only the last."""
    if sys.stdout.isatty():
        seconds = (datetime.now(UTC) - step.started).total_seconds()
        click.echo(f"\r{_render(step, render_duration(int(seconds)))}", nl=False)


def _show_ended(step: Step) -> None:
    seconds = (step.ended - step.started).total_seconds() if step.ended else 0.0
    start = f"\r{CLEAR_LINE}" if sys.stdout.isatty() else ""
    click.echo(f"{start}{_render(step, render_duration(seconds))}")


def _render(step: Step, duration: str) -> str:
    mark, colour = MARKS[step.state]
    return f"  {click.style(mark, fg=colour)} {steps.TITLES[step.name]:<52} {click.style(duration, dim=True)}"
