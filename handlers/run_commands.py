"""Takes the commands of a comment through: who may, acknowledged, carried out, answered.

Safe to repeat at any point: a decision is kept before the command is carried out and its outcome after, so that a
delivery which is tried again goes on at the first command without an outcome; the answers are one comment.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.config import CONFIG_PATH, CommandConfig, ConfigError, RepositoryConfig, read_repository_config
from bot.github.errors import GitHubError
from bot.github.protocol import GitHubClient
from bot.github.values import Reaction
from bot.store import Decision, NewDecision
from handlers.command_access import Access, Person, check_access
from handlers.command_registry import CannotDo, Command, UsageError, get_commands
from handlers.command_request import Answer, CommandRequest, find_places
from handlers.command_text import WrittenCommand, find_nearest, read_commands
from handlers.comment_event import CommentEvent
from jobs.parts import Parts

logger = logging.getLogger(__name__)

MAX_OUTCOME_CHARACTERS = 300
DONE, QUEUED = "done", "queued"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one command: the answer (Markdown, "" for none) and the outcome for the audit."""

    text: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A comment with commands, by somebody, and what is needed to answer it."""

    parts: Parts
    github: GitHubClient
    event: CommentEvent
    config: RepositoryConfig
    person: Person

    def run(self, commands: tuple[WrittenCommand, ...]) -> None:
        """Every command in its order, those that have an outcome already not again."""
        decisions = [self._ensure_decision(place, written) for place, written in enumerate(commands)]
        refused = [decision for decision in decisions if not decision.allowed]
        if refused and (self.event.is_private or not self.person.is_stranger):
            self._refuse(refused[-1])
        allowed = [decision for decision in decisions if decision.allowed]
        if allowed:
            self._react("eyes")
            self._conclude([decision.outcome or self._carry_out(decision) for decision in allowed])

    def _conclude(self, outcomes: list[str]) -> None:
        """The last reaction; a run that goes on with one of the commands sets it itself."""
        if not set(outcomes) <= {DONE, QUEUED}:
            self._react("confused")
        elif QUEUED not in outcomes:
            self._react("rocket")

    def _ensure_decision(self, position: int, written: WrittenCommand) -> Decision:
        store, issue = self.parts.store, self.event.issue
        found = store.find_decision(issue.delivery_id, position)
        if found is not None:
            return found
        access = self._check(written.name)
        decision = store.ensure_decision(
            NewDecision(
                delivery_id=issue.delivery_id,
                position=position,
                actor=issue.sender.login,
                actor_id=issue.sender.id,
                repository=issue.repository,
                number=issue.issue,
                comment_id=self.event.comment_id,
                command=written.name,
                arguments=written.arguments,
                allowed=access.allowed,
                reason=access.reason,
            )
        )
        facts = {"repository": issue.repository, "number": issue.issue, "actor": issue.sender.login}
        logger.info("%s: %s", "allowed" if access.allowed else "refused", access.reason, extra=facts)
        return decision

    def _check(self, name: str) -> Access:
        known = get_commands().get(name)
        if known is not None:
            return check_access(self.github, self.event.issue.repository, self.config, known, self.person)
        if self.person.is_stranger:
            return Access(False, "needs the permission write in this repository")
        return Access(True, f"has the permission {self.person.permission}")

    def _carry_out(self, decision: Decision) -> str:
        """Answers the command and keeps what came of it."""
        result = self._run(decision)
        if result.text:
            self._comment(f"answer-{decision.comment_id}-{decision.position}", result.text)
        self.parts.store.set_outcome(decision.id, result.outcome)
        return result.outcome

    def _run(self, decision: Decision) -> Result:
        command = get_commands().get(decision.command)
        if command is None:
            return _render_unknown(decision.command)
        try:
            answer = self._call(command, decision.arguments)
        except UsageError as error:
            return _fail("usage", error, command)
        except CannotDo as error:
            return _fail("cannot", error, command)
        return Result(answer.text, QUEUED if answer.is_pending else DONE)

    def _call(self, command: Command, arguments: str) -> Answer:
        if not command.places & find_places(self.parts, self.event):
            raise CannotDo(f"It can be used on: {', '.join(sorted(command.places))}.")
        return command.run(CommandRequest(self.parts, self.github, self.event, self.config, arguments))

    def _refuse(self, last: Decision) -> None:
        from bot.words.loader import render  # the server, which only looks up handlers, does not need it

        body = render("commands/refused.md", actor=last.actor, command=f"/{last.command}", reason=last.reason)
        self._comment(f"refused-{last.actor_id}", body)

    def _react(self, reaction: Reaction) -> None:
        """A courtesy: refused on a locked issue, and gone with a deleted comment."""
        try:
            self.github.ensure_comment_reaction(self.event.issue.repository, self.event.comment_id, reaction)
        except GitHubError as error:
            logger.warning("no reaction: %s", error, extra={"repository": self.event.issue.repository})

    def _comment(self, marker: str, body: str) -> None:
        self.github.ensure_comment(self.event.issue.repository, self.event.issue.issue, marker, body)


def run_commands(parts: Parts, event: CommentEvent) -> None:
    """The commands of the comment, if there are any for us. Raises `GitHubError` when it is to be tried again."""
    commands = tuple(filter(_is_ours, read_commands(event.text)))
    issue = event.issue
    if not commands or issue.sender.is_bot or issue.sender.login == parts.github.login:
        return
    github = parts.open_github(issue.installation_id)
    person = Person(issue.sender.login, github.get_permission(issue.repository, issue.sender.login))
    config = _read_config(github, issue.repository, issue.default_branch)
    if config.dry_run:
        github = parts.open_github(issue.installation_id, dry_run=True)
    Conversation(parts, github, event, config, person).run(commands)


def _is_ours(written: WrittenCommand) -> bool:
    """A name that is nothing like ours is another bot's, unless we are addressed."""
    known = get_commands()
    return written.is_addressed or written.name in known or bool(find_nearest(written.name, known))


def _read_config(github: GitHubClient, repository: str, branch: str) -> RepositoryConfig:
    """The default branch's config. While it cannot be read nobody but administrators may do anything."""
    from bot.github.contents import FileTooLarge

    try:
        content = github.find_file(repository, CONFIG_PATH, branch)
        return read_repository_config(content)
    except (ConfigError, FileTooLarge):
        return RepositoryConfig(commands=dict.fromkeys(get_commands(), CommandConfig(permission="admin")))


def _render_unknown(name: str) -> Result:
    from bot.words.loader import render

    nearest = tuple(f"/{item}" for item in find_nearest(name, get_commands()))
    return Result(render("commands/unknown.md", name=f"/{name}", nearest=nearest), "unknown command")


def _fail(kind: str, error: Exception, command: Command) -> Result:
    from bot.words.loader import render

    text = render(f"commands/{kind}.md", usage=command.usage, reason=str(error), help=command.help)
    return Result(text, f"{kind}: {error}"[:MAX_OUTCOME_CHARACTERS])
