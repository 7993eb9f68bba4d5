"""The parts that handlers and jobs work with, made once in each process by its entry point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.config import Settings
from bot.store import Store
from jobs.queue import Queue

if TYPE_CHECKING:
    from bot.github.client import GitHubApp
    from bot.github.protocol import GitHubClient
    from bot.workspace.databases import ScratchServer
    from bot.workspace.sandbox import Sandbox


@dataclass(frozen=True)
class Parts:
    """Settings and what they lead to. What is slow to import or may be missing is made when it is first used."""

    settings: Settings
    store: Store
    queue: Queue

    @cached_property
    def github(self) -> GitHubApp:
        """The GitHub App; raises `ConfigError` when its key cannot be read."""
        from bot.github.client import GitHubApp

        settings = self.settings
        return GitHubApp(settings.github_api_url, settings.github_app_id, settings.get_private_key())

    def open_github(self, installation_id: int, *, dry_run: bool = False) -> GitHubClient:
        """GitHub as that installation; in a dry run its effects are only recorded."""
        github = self.github.installation(installation_id)
        if not (dry_run or self.settings.dry_run):
            return github
        from bot.github.dry_run import DryRunGitHub

        return DryRunGitHub(github)

    @cached_property
    def sandbox(self) -> Sandbox:
        """The sandbox; raises `SandboxUnavailable` with what to install."""
        from bot.workspace.sandbox import get_sandbox

        return get_sandbox(self.settings.sandbox)

    @cached_property
    def scratch_server(self) -> ScratchServer:
        """The Postgres server of the scratch databases, started when it is not there."""
        from bot.workspace.databases import ScratchServer

        return ScratchServer.from_settings(self.settings)

    def close(self) -> None:
        """Lets go of what was opened, a server that was started for it too."""
        if "scratch_server" in vars(self):
            self.scratch_server.close()
        self.store.close()


def make_parts(settings: Settings) -> Parts:
    """The parts for this process; nothing is connected yet."""
    store = Store(settings.get_database_url(), runs_per_repository=settings.runs_per_repository)
    return Parts(settings, store, Queue(settings.redis_url))
