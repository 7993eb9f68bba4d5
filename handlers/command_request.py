"""What a slash-command is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.config import RepositoryConfig
from bot.github.protocol import GitHubClient
from bot.store import PullRequestRecord, Run
from handlers.command_registry import CannotDo, Place, UsageError
from handlers.comment_event import CommentEvent
from jobs.parts import Parts


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command: `text` for the people (Markdown of our templates; "" for none).

    `is_pending` says that a run goes on with it, and sets the last reaction when it ends.
    """

    text: str = ""
    is_pending: bool = False


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A command that somebody may use here. `config` is that of the default branch."""

    parts: Parts
    github: GitHubClient
    event: CommentEvent
    config: RepositoryConfig
    arguments: str

    @property
    def repository(self) -> str:
        """owner/name."""
        return self.event.issue.repository

    @property
    def number(self) -> int:
        """Of the issue or pull request."""
        return self.event.issue.issue

    @property
    def actor(self) -> str:
        """Who wrote the comment."""
        return self.event.issue.sender.login

    def find_run(self) -> Run | None:
        """The newest run of the issue, on a pull request of the bot's that of the issue it is for."""
        store = self.parts.store
        record = store.find_pull_request_by_number(self.repository, self.number)
        number = self.number if record is None else store.get_run(record.run_id).issue
        return store.find_latest_run(self.repository, number)

    def get_delivered(self) -> tuple[PullRequestRecord, dict[str, dict[str, Any]]]:
        """The bot's pull request, and the outputs of the steps of the run that delivered it last. Raises `CannotDo`."""
        store = self.parts.store
        record = store.find_pull_request_by_number(self.repository, self.number)
        if record is None:
            raise CannotDo("The bot did not open this pull request.")
        steps = store.list_steps(record.run_id)
        return record, {step.name: step.output for step in steps if step.output is not None}

    def take_nothing(self) -> None:
        """Raises `UsageError` when there are arguments."""
        if self.arguments:
            raise UsageError("it takes no arguments")

    def take_one(self, what: str) -> str:
        """The one argument, without the backticks that people put around names. Raises `UsageError`."""
        words = self.arguments.replace("`", " ").split()
        if len(words) != 1:
            raise UsageError(f"it takes one argument ({what}), not {len(words)}")
        return words[0]


def find_places(parts: Parts, event: CommentEvent) -> frozenset[Place]:
    """What the comment stands on."""
    repository, number = event.issue.repository, event.issue.issue
    if event.is_pull_request:
        ours = parts.store.find_pull_request_by_number(repository, number) is not None
        return frozenset({"pull request", "bot's pull request"} if ours else {"pull request"})
    is_spec = parts.store.find_latest_run(repository, number) is not None
    return frozenset({"issue", "spec issue"} if is_spec else {"issue"})
