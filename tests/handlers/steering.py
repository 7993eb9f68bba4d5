"""Commands in comments on a GitHub on localhost, which reach the bot as signed webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import CONFIG_PATH
from bot.github.connection import Patience
from bot.playground.playground import Playground
from bot.playground.running import open_playground
from bot.store import Decision
from bot.store.upgrade import upgrade
from handlers.app import create_app
from handlers.cli.local.keys import write_key_pair
from handlers.dispatch import dispatch
from jobs.parts import Parts, make_parts
from tests.handlers.github import serve
from tests.handlers.settings import SECRET, make_settings

OWNER, ADMIN, WRITER, READER, STRANGER = "acme", "olivia", "will", "rita", "stan"
PEOPLE = {ADMIN: "admin", WRITER: "write", READER: "read"}
MANIFEST = (Path(__file__).parents[2] / "app.yml").read_text()
BOT = "specwright[bot]"


@dataclass(frozen=True)
class Comment:
    """A comment that was written, and what the bot said since."""

    id: int
    answers: list[str]
    reactions: list[str]

    @property
    def answer(self) -> str:
        """The one answer."""
        (text,) = self.answers
        return text


@dataclass
class Steering:
    """The playground with one repository, and the bot's parts."""

    playground: Playground
    parts: Parts
    repository: str

    def open_issue(self, title: str = "Loyalty", body: str = "the spec") -> int:
        """An issue; its number."""
        number: int = self.playground.open_issue(self.repository, WRITER, title, body)["number"]
        return number

    def comment(self, number: int, body: str, by: str = WRITER) -> Comment:
        """Writes a comment and has the bot handle what it is told of it."""
        before = self._read_bodies(number)
        made = self.playground.add_comment(self.repository, number, by, body)
        self.handle()
        answers = [text for text in self._read_bodies(number) if text not in before]
        return Comment(made["id"], answers, self.list_reactions(made["id"]))

    def handle(self) -> None:
        """Takes every delivery that waits through its handler, as the worker does."""
        assert self.playground.wait_for_deliveries()["done"]
        waiting = [item for item in self.parts.store.list_deliveries(500) if item.state in ("accepted", "queued")]
        for delivery in reversed(waiting):
            dispatch(self.parts, delivery.id)
            assert self.parts.store.get_delivery(delivery.id).state != "failed", delivery

    def list_reactions(self, comment: int) -> list[str]:
        """What the bot reacted to that comment with, in order."""
        found = self.playground.list_reactions(self.repository, comment)
        assert {item["user"]["login"] for item in found} <= {BOT}
        return [item["content"] for item in found]

    def list_decisions(self) -> list[Decision]:
        """The audit, the oldest first."""
        return list(reversed(self.parts.store.list_decisions(repository=self.repository)))

    def _read_bodies(self, number: int) -> list[str]:
        comments: list[dict[str, Any]] = self.playground.list_comments(self.repository, number)
        return [item["body"] for item in comments if item["user"]["login"] == BOT]


@contextmanager
def open_steering(directory: Path, redis_url: str) -> Iterator[Steering]:
    """The bot's web server and the playground, speaking to each other over HTTP; `repository` is to be made."""
    private, public = write_key_pair(directory)
    with open_playground(directory / "github") as playground:
        api_url = f"{playground.site.url}/api/v3"
        keys = {"github_api_url": api_url, "github_private_key": private.read_text()}
        parts = make_parts(make_settings(directory / "data", redis_url, **keys))
        upgrade(parts.store.engine)
        parts.github.patience = Patience(backoff_seconds=0.01)
        with serve(create_app(parts)) as url:
            playground.create_account(OWNER, "Organization")
            playground.create_account(STRANGER)
            app = playground.ensure_app(MANIFEST, public.read_text(), OWNER, f"{url}/webhook", SECRET)
            parts.github.app_id = str(app["id"])
            playground.install_app(app["slug"], OWNER)
            yield Steering(playground, parts, "")
        parts.store.close()


def create_repository(steering: Steering, folder: Path, name: str, config: str = "", *, private: bool = False) -> None:
    """A repository of its own for a test, with that config."""
    path = folder / CONFIG_PATH
    path.parent.mkdir(parents=True)
    path.write_text(config)
    steering.repository = f"{OWNER}/{name}"
    steering.playground.create_repository(steering.repository, str(folder), private, collaborators=dict(PEOPLE))  # type: ignore[arg-type]  # permissions
    steering.handle()
