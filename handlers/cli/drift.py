"""`specwright drift`: where models, migrations, specs and live databases part, in the terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from bot.config import ConfigError, DriftConfig
from bot.drift.history import HistoryItem
from bot.drift.item import Comparison, Item, Severity, Way
from bot.drift.live import Environment
from bot.drift.report import Report, to_json
from bot.migration.errors import MigrationError
from bot.workspace.databases import ScratchServerError
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError
from bot.workspace.sandbox import SandboxUnavailable, check_sandbox, get_sandbox
from bot.workspace.scratch_server import open_embedded
from handlers.drift_history import read_history, render_history, render_json
from jobs.checkout import (
    LocalMachines,
    NoBase,
    find_commit,
    find_git_directory,
    open_mirror,
    open_runner,
    read_config,
)
from jobs.drift_checker import Asked, DriftChecker

URL_VARIABLE = "SPECWRIGHT_LIVE_URL_"
COLOURS: dict[Severity, str | None] = {
    "data": "red",
    "correctness": "yellow",
    "performance": "cyan",
    "cosmetic": None,
}
REFUSALS = (ConfigError, EnvironmentFailed, GitError, MigrationError, NoBase, SandboxUnavailable, ScratchServerError)


@click.command()
@click.option(
    "--repo",
    "repository",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Checkout to look at; default: the working directory.",
)
@click.option("--env", "names", multiple=True, help="Live database to compare with; default: all of the config.")
@click.option(
    "--snapshot",
    "snapshots",
    multiple=True,
    metavar="NAME=FILE",
    help="A file made by `specwright snapshot` in place of the URL of that environment.",
)
@click.option("--offline", is_flag=True, help="Compare with no live database.")
@click.option("--history", metavar="OWNER/NAME", help="Tell what the bot's checks of that repository found, and end.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
@click.option("--sandbox", type=click.Choice(["bubblewrap", "none"]), default="bubblewrap", show_default=True)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data/verify"),
    show_default=True,
    help="Kept for the next time: environments, Postgres, schemas.",
)
def command(
    repository: Path,
    names: tuple[str, ...],
    snapshots: tuple[str, ...],
    offline: bool,
    history: str | None,
    as_json: bool,
    sandbox: Literal["bubblewrap", "none"],
    data: Path,
) -> None:
    """Find where models, migrations, specs and live databases of a git checkout part.

    Only what is committed counts. The URL of the environment NAME is read from the variable SPECWRIGHT_LIVE_URL_NAME;
    its catalog is read in a read-only transaction, and no row but those of Alembic's own table. Nothing is changed.

    Exit code 0: no drift. 1: drift. 2: something could not be checked.
    """
    if history is not None:
        tell_history(history, as_json)
        return
    try:
        report = check(repository, None if offline else (names, snapshots), sandbox, data.absolute())
    except REFUSALS as error:
        click.echo(f"specwright drift: {error}", err=True)
        sys.exit(2)
    click.echo(json.dumps(to_json(report), indent=2) if as_json else "\n".join(render(report)))
    sys.exit(int(report.has_drift) if report.is_whole else 2)


def tell_history(repository: str, as_json: bool) -> None:
    """Prints it; ends with 2 where the bot is not set up."""
    try:
        checks = read_history(repository)
    except ConfigError as error:
        click.echo(f"specwright drift: {error}", err=True)
        sys.exit(2)
    click.echo(render_json(checks) if as_json else render_history(checks))


def check(
    repository: Path,
    live: tuple[Sequence[str], Sequence[str]] | None,
    sandbox: Literal["bubblewrap", "none"],
    data: Path,
) -> Report:
    """The report of HEAD; `live` are the options --env and --snapshot. Raises one of `REFUSALS`."""
    git = Git(find_git_directory(repository))
    commit = find_commit(git, "HEAD")
    check_sandbox(sandbox)
    mirror = open_mirror(data, git, (commit,))
    config = read_config(mirror, commit)
    asked = [] if live is None else list_asked(config.drift, *live)
    with open_embedded(data / "postgres") as server:
        local = LocalMachines(data, get_sandbox(sandbox), server)
        with open_runner(local, mirror, commit, config, "drift") as runner:
            today = datetime.now(UTC).date()
            return DriftChecker(_say).run(mirror, commit, config, runner, asked, today)


def list_asked(config: DriftConfig, names: Sequence[str], snapshots: Sequence[str]) -> list[Asked]:
    """The environments to compare with. Raises `ConfigError` for an option that cannot be read."""
    files: dict[str, Path] = {}
    for option in snapshots:
        name, separator, path = option.partition("=")
        if not (name and separator and path):
            raise ConfigError(f"--snapshot is written NAME=FILE, not {option!r}")
        files[name] = Path(path)
    chosen = names or tuple(dict.fromkeys((*config.environments, *files)))
    return [_make_asked(config, name, files.get(name)) for name in dict.fromkeys((*chosen, *files))]


def _make_asked(config: DriftConfig, name: str, file: Path | None) -> Asked:
    variable = URL_VARIABLE + name.upper().replace("-", "_")
    missing = f"the variable {variable} is not set"
    url = os.environ.get(variable) or None
    limits = config.environments.get(name)
    if limits is None:
        return Asked(name, url, file, missing=missing)
    return Asked(name, url, file, limits.statement_timeout_seconds, missing)


def render(report: Report) -> Iterator[str]:
    """The lines that a person gets."""
    yield ""
    for comparison in report.comparisons:
        yield from _render_comparison(comparison)
    for environment in report.environments:
        yield from _render_environment(environment)
    yield from _render_history(report.history)
    yield from (f"☐ {note}" for note in report.notes)
    ignored = [item for item in report.list_items() if item.ignored is not None]
    if ignored:
        yield "\nIgnored:"
        yield from _render_ignored(ignored)
    yield click.style(f"\n{_conclude(report)}", bold=True)


def _render_comparison(comparison: Comparison) -> Iterator[str]:
    counted = comparison.counted
    mark = click.style("✗", "red") if counted else click.style("✓", "green")
    yield f"{mark} {comparison.expected} ↔ {comparison.actual}{'' if counted else ': no difference'}"
    for item in counted:
        yield from _render_item(item, comparison)


def _render_environment(environment: Environment) -> Iterator[str]:
    if environment.failure is not None:
        mark = click.style("?", "yellow")
        yield f"{mark} {environment.name} could not be checked: {environment.failure.message}"
    if environment.comparison is not None:
        yield from _render_comparison(environment.comparison)


def _render_item(item: Item, comparison: Comparison) -> Iterator[str]:
    yield f"  {click.style(item.severity, COLOURS[item.severity])}  {item.title}"
    if item.change.action == "alter":
        yield from _render_lines(f"{comparison.expected}: ", item.expected)
        yield from _render_lines(f"{comparison.actual}: ", item.actual)
    if item.along:
        yield f"      with it: {', '.join(f'{other.kind} {other.name}' for other in item.along)}"
    yield from _render_way(f"to make {comparison.actual} like {comparison.expected}:", item.to_expected)
    yield from _render_way(f"to make {comparison.expected} like {comparison.actual}:", item.to_actual)


def _render_lines(label: str, text: str | None) -> Iterator[str]:
    first, *rest = (text or "nothing").splitlines() or [""]
    yield f"      {label}{first}"
    yield from (f"        {line}" for line in rest)


def _render_way(label: str, way: Way) -> Iterator[str]:
    if way.obstacle:
        yield f"      {label} {way.obstacle}"
        return
    yield f"      {label}"
    for statement in way.statements:
        yield from (f"        {line}" for line in f"{statement};".splitlines())
    yield from (f"        -- {loss}" for loss in way.losses)


def _render_history(items: Sequence[HistoryItem]) -> Iterator[str]:
    counted = [item for item in items if item.ignored is None]
    mark = click.style("✗", "red") if counted else click.style("✓", "green")
    yield f"{mark} history{'' if counted else ': nothing wrong'}"
    for item in counted:
        yield f"  {click.style(item.severity, COLOURS[item.severity])}  {item.title}\n      {item.remedy}"


def _render_ignored(items: Iterable[Item | HistoryItem]) -> Iterator[str]:
    for item in items:
        if item.ignored is not None:
            until = f" (until {item.ignored.until})" if item.ignored.until else ""
            yield f"  {item.title}: {item.ignored.reason}{until}"


def _conclude(report: Report) -> str:
    counts = ", ".join(f"{number} {severity}" for severity, number in report.count().items() if number)
    missing = ", ".join(item.name for item in report.environments if item.failure is not None)
    part = " in what was compared" if missing or report.notes else ""
    words = f"Drift: {counts}." if counts else f"No drift{part}."
    return f"{words} Not checked: {missing}." if missing else words


def _say(what: str) -> None:
    click.echo(f"… {what}", err=True)
