"""The whole product, running: a GitHub on localhost, the bot's server and worker as processes, Redis, Postgres."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.config import Settings
from bot.playground.playground import Playground
from bot.playground.running import open_playground
from bot.store import ACTIVE, Run, Store
from handlers.cli.local.keys import write_key_pair
from handlers.cli.local.processes import Processes
from tests.handlers.settings import SECRET, make_settings, render_environment
from tests.jobs.processes import SPECWRIGHT, wait_until

ROOT = Path(__file__).parents[2]
BOOKSHOP = ROOT / "examples" / "bookshop"
OWNER, WRITER, READER = "acme", "ada", "rita"
LABEL = "specwright"


@dataclass(frozen=True)
class Repo:
    """A repository on the playground, and its folder to push from."""

    site: Site
    name: str
    folder: Path

    def git(self, *arguments: str) -> str:
        """What git printed, run in the folder as a person with write access."""
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        command = ["git", *identity, *arguments]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> None:
        """Commits all that is in the folder and pushes it to main."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        self.git("push", "--quiet", "--force", "origin", "HEAD:main")

    def open_spec(self, text: str, label: bool = True, by: str = WRITER) -> int:
        """An issue with the text, labelled; its number."""
        issue: int = self.site.playground.open_issue_from_markdown(self.name, WRITER, text)["number"]
        if label:
            self.site.playground.add_label(self.name, issue, by, LABEL)
        return issue

    def find_run(self, issue: int) -> Run | None:
        """The newest run of the issue."""
        return self.site.store.find_latest_run(self.name, issue)

    def wait_for_end(self, issue: int, after: int = 0, deadline_seconds: float = 400) -> Run:
        """The newest run of the issue once it has ended; `after` is the id of an older one."""

        def has_ended() -> bool:
            self.site.processes.check()
            run = self.find_run(issue)
            return run is not None and run.id > after and run.status not in ACTIVE

        wait_until(has_ended, f"the run of {self.name}#{issue} ends", deadline_seconds)
        run = self.find_run(issue)
        assert run is not None
        return run

    def wait_for_step(self, issue: int, step: str, state: str = "running") -> Run:
        """The run once that step is in that state."""

        def is_there() -> bool:
            run = self.find_run(issue)
            return run is not None and (step, state) in {(s.name, s.state) for s in self.site.store.list_steps(run.id)}

        wait_until(is_there, f"{step} of {self.name}#{issue} is {state}", deadline_seconds=400)
        run = self.find_run(issue)
        assert run is not None
        return run

    def get_status(self, issue: int) -> str:
        """The one status comment of the bot."""
        (comment,) = [c for c in self.site.playground.list_comments(self.name, issue) if c["user"]["type"] == "Bot"]
        return str(comment["body"])

    def list_branches(self) -> list[str]:
        """The branches that GitHub has."""
        lines = self.git("ls-remote", "--heads", "origin").splitlines()
        return sorted(line.split("refs/heads/")[1] for line in lines)

    def list_pull_requests(self) -> list[dict[str, Any]]:
        """All pull requests."""
        return self.site.playground.list_pull_requests(self.name)


@dataclass
class Site:
    """`settings` are those of the bot's processes."""

    directory: Path
    playground: Playground
    settings: Settings
    store: Store
    processes: Processes
    environment: Mapping[str, str]

    def create_repo(self, files: Mapping[str, str | None] | None = None, source: Path | None = BOOKSHOP) -> Repo:
        """A repository of its own: the source's files, with `files` replaced, added or (None) removed."""
        name = f"{OWNER}/shop-{uuid.uuid4().hex[:8]}"
        folder = self.directory / name.replace("/", "-")
        if source is None:
            folder.mkdir()
        else:
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
        for path, text in (files or {}).items():
            _set_file(folder / path, text)
        made = self.playground.create_repository(name, None, collaborators={WRITER: "write", READER: "read"})
        link_environments(self.settings.data_dir, name)
        repo = Repo(self, name, folder)
        repo.git("init", "--quiet", "--initial-branch", "main")
        token = self.playground.create_account(WRITER)["token"]
        repo.git("remote", "add", "origin", made["clone_url"].replace("://", f"://{WRITER}:{token}@"))
        if any(folder.iterdir()) and source is not None:
            repo.commit("The first commit")
        return repo

    def set_live_url(self, repository: str, environment: str, url: str) -> None:
        """Gives the bot the URL of a live database of that repository."""
        path = self.directory / "live" / repository / environment
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(url)

    def start_worker(self) -> None:
        """`specwright worker`."""
        self.processes.start("worker", [str(SPECWRIGHT), "worker"], self.environment, lambda: True)

    def kill_worker(self) -> None:
        """SIGKILL to everything that the worker started, as a power cut would."""
        process = self.processes.running.pop("worker")
        _kill_session(process.pid)
        process.wait()


def link_environments(data_dir: Path, repository: str) -> None:
    """Has the bot find the environments of earlier sessions, which are kept in .data: they are slow to build."""
    cache = ROOT / ".data" / "test-cache"
    cache.mkdir(parents=True, exist_ok=True)
    for link in (data_dir / "environments" / repository, data_dir / "api-tools"):
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(cache)


def _kill_session(session: int) -> None:
    subprocess.run(["pkill", "-KILL", "-s", str(session)], check=False)


def _set_file(path: Path, text: str | None) -> None:
    if text is None:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@contextmanager
def run_site(
    directory: Path, redis_url: str, variables: Mapping[str, str] | None = None, **changes: Any
) -> Iterator[Site]:
    """Everything started, and ended afterwards; `variables` are for the bot's processes, `changes` their settings.

    Environments are kept in .data among sessions, as the fixtures do.
    """
    data_dir, port = directory / "data", _find_port()
    data_dir.mkdir(parents=True)
    private, public = write_key_pair(directory)
    url = f"http://127.0.0.1:{port}"
    with open_playground(directory / "github") as playground:
        playground.create_account(OWNER, "Organization")
        for login in (WRITER, READER):
            playground.create_account(login)
        app = playground.ensure_app((ROOT / "app.yml").read_text(), public.read_text(), OWNER, f"{url}/webhook", SECRET)
        playground.install_app(app["slug"], OWNER)
        settings = make_settings(
            data_dir,
            redis_url,
            github_app_id=str(app["id"]),
            github_private_key=private.read_text(),
            github_api_url=f"{playground.site.url}/api/v3",
            public_url=url,
            lease_seconds=4,
            schedule_seconds=1,
            live_urls_dir=directory / "live",
            **{"sandbox": "bubblewrap", **changes},
        )
        own = {"PATH": os.environ["PATH"], "PYTHONSAFEPATH": "1", **(variables or {})}
        environment = {**own, **render_environment(settings)}
        with Processes(directory / "logs") as processes:
            serve = [str(SPECWRIGHT), "serve", "--port", str(port)]
            processes.start("serve", serve, environment, lambda: _is_up(f"{url}/healthz"))
            store = Store(settings.get_database_url())
            site = Site(directory, playground, settings, store, processes, environment)
            site.start_worker()
            yield site
            store.close()


def _is_up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
