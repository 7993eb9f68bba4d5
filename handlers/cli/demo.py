"""`specwright demo`: the whole way on this machine, from a labelled issue to a pull request."""

from __future__ import annotations

import re
import shutil
import signal
import threading
from pathlib import Path
from typing import Literal

import click

from bot.config import CONFIG_PATH, ConfigError, parse_repository_config
from bot.store import Run, Store
from bot.workspace.databases import ScratchServerError
from bot.workspace.sandbox import SandboxUnavailable, check_sandbox
from handlers.cli.local.folder import FolderRefused, open_folder
from handlers.cli.local.playground import PlaygroundRefused
from handlers.cli.local.processes import ENDING, ProcessFailed
from handlers.cli.local.progress import NoRun, follow
from handlers.cli.local.site import OWNER, PEOPLE, PERSON, ROOT, LocalSite, run_site

EXAMPLE = ROOT / "examples" / "bookshop"
EXAMPLE_SPEC = ROOT / "examples" / "specs" / "01-loyalty.md"
EXIT_CODES = {"finished": 0, "draft": 0, "asked": 3}

Sandboxing = Literal["bubblewrap", "none"]


@click.command()
@click.option(
    "--spec", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Markdown: # Title, then the spec."
)
@click.option(
    "--repo",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A repository of yours (its HEAD), or a folder.",
)
@click.option("--serve", is_flag=True, help="Stay up afterwards, for specs of your own in the browser.")
@click.option("--sandbox", type=click.Choice(["bubblewrap", "none"]), help="none: run the code of --repo UNCONFINED.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data/demo"),
    show_default=True,
    help="Where everything is kept; emptied at the start but for built environments.",
)
def command(spec: Path | None, repo: Path | None, serve: bool, sandbox: Sandboxing | None, data: Path) -> None:
    """Label a spec issue on a GitHub on localhost and watch the pull request appear.

    Starts a Postgres, a Redis, a GitHub, the bot's server and a worker, all on this machine; needs no key and no root.
    Without options it takes the example repository and the example spec. Ctrl-C ends every process.

    Exit code 0: there is a pull request. 3: the spec leaves something open, and the issue asks about it. 1: it failed.
    """
    if repo is not None and spec is None:
        raise click.UsageError("--repo needs --spec: the example's spec is for the example")
    if shutil.which("git") is None:
        raise click.ClickException("git is not on the PATH; install it (apt install git)")
    for number in ENDING:  # ended from outside it cleans up as after Ctrl-C, which a shell may have it ignore
        signal.signal(number, signal.default_int_handler)
    text = _read_spec(spec or EXAMPLE_SPEC)
    try:
        with open_folder(data.absolute()) as directory:
            confined = _choose_sandbox(sandbox, is_own=repo is not None)
            code = _run(directory, confined, text, (repo or EXAMPLE).resolve(), serve)
    except (FolderRefused, ProcessFailed, PlaygroundRefused, ScratchServerError, NoRun) as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(code)


def _read_spec(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is no UTF-8 text: {error}") from error


def _run(directory: Path, sandbox: Sandboxing, spec: str, repo: Path, serve: bool) -> int:
    click.secho("Starting, each in a process of its own:", bold=True)
    with run_site(directory, sandbox, _say) as site:
        issue, name = _open_issue(site, spec, repo)
        click.secho(f"\n{site.github.url}/{name}/issues/{issue}: labelled by {PERSON}. The run:", bold=True)
        store = Store(site.settings.get_database_url())
        run = follow(store, name, issue, site.processes.check)
        _show_end(site, store, run)
        store.close()
        if serve:
            _stay(site, name)
        else:
            click.echo("These pages end with the demo. To look at them in the browser: make demo SERVE=1")
    return EXIT_CODES.get(run.status, 1)


def _open_issue(site: LocalSite, spec: str, repo: Path) -> tuple[int, str]:
    """The issue's number and the repository's name."""
    name = f"{OWNER}/{re.sub(r'[^A-Za-z0-9_.-]+', '-', repo.name).strip('.-') or 'repository'}"
    roles = {login: role for login, (_, role) in PEOPLE.items() if role != "none"}
    site.github.do("create_repository", name=name, source=str(repo), collaborators=roles)
    issue = site.github.do("open_issue_from_markdown", repository=name, author=PERSON, text=spec)
    label = _find_label(repo) or site.settings.label
    site.github.do("add_label", repository=name, number=issue["number"], actor=PERSON, label=label)
    return issue["number"], name


def _find_label(repo: Path) -> str | None:
    """The label that the repository's config names; what is wrong with a config is said by the run."""
    try:
        return parse_repository_config((repo / CONFIG_PATH).read_text(encoding="utf-8")).label
    except (OSError, UnicodeDecodeError, ConfigError):
        return None


def _show_end(site: LocalSite, store: Store, run: Run) -> None:
    record = store.find_pull_request(run.id)
    if record is None:
        click.secho(f"\nNo pull request: the run is {run.status}. The issue says:\n", bold=True)
        comments = site.github.do("list_comments", repository=run.repository, number=run.issue)
        click.echo("\n\n".join(comment["body"] for comment in comments))
        return
    pulls = site.github.do("list_pull_requests", repository=run.repository)
    body = next(pull["body"] for pull in pulls if pull["number"] == record.number)
    kind = "Draft pull request" if run.status == "draft" else "Pull request"
    click.echo(f"\n{body}\n")
    click.secho(f"{kind}: {record.url}", bold=True)


def _stay(site: LocalSite, name: str) -> None:
    click.secho(f"\nStill up. Write a spec of your own: {site.github.url}/{name}/issues/new", bold=True)
    click.echo(f"Sign in as {PERSON}, put the label {site.settings.label} on, and watch. Ctrl-C ends every process.")
    pause = threading.Event()
    try:
        while not pause.wait(1):
            site.processes.check()
    except KeyboardInterrupt:
        click.echo("\nEnding.")


def _choose_sandbox(asked: Sandboxing | None, is_own: bool) -> Sandboxing:
    if asked == "none":
        click.secho("The sandbox is off: the code of the repository runs UNCONFINED.", fg="yellow")
        return "none"
    try:
        check_sandbox("bubblewrap")
    except SandboxUnavailable as error:
        if asked or is_own:
            raise click.ClickException(f"{error}\nOr trust the repository's code: --sandbox none") from error
        click.secho(f"{error}\nThe demo's own example is trusted, so it goes on WITHOUT a sandbox.", fg="yellow")
        return "none"
    return "bubblewrap"


def _say(name: str, what: str) -> None:
    click.echo(f"  {click.style('✓', fg='green')} {name:<20} {what}")
