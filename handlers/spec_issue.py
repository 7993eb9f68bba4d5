"""What the events of an issue have in common: who may start a run, starting one, cancelling one."""

from __future__ import annotations

import logging

from bot.config import CONFIG_PATH, ConfigError, read_repository_config
from bot.github.protocol import GitHubClient
from bot.store import NewRun, Run
from handlers.issue_event import IssueEvent
from jobs.parts import Parts

logger = logging.getLogger(__name__)

WRITERS = ("admin", "write")


def open_repository(parts: Parts, event: IssueEvent) -> tuple[GitHubClient, str]:
    """GitHub for that repository (with `dry_run: true` in its config without effects), and the label that starts runs.

    A config that cannot be read leaves the bot's own label: the run then says what is wrong with it.
    """
    from bot.github.contents import FileTooLarge

    github = parts.open_github(event.installation_id)
    try:
        content = github.find_file(event.repository, CONFIG_PATH, event.default_branch)
        config = read_repository_config(content)
    except (ConfigError, FileTooLarge):
        return github, parts.settings.label
    if config.dry_run:
        github = parts.open_github(event.installation_id, dry_run=True)
    return github, config.label or parts.settings.label


def may_start(github: GitHubClient, event: IssueEvent) -> bool:
    """Whether the one who did this very thing may write to the repository. If not, one comment says so."""
    if github.get_permission(event.repository, event.sender.login) in WRITERS:
        return True
    logger.info("refused: no write access", extra={"repository": event.repository, "actor": event.sender.login})
    from bot.words.loader import render  # the server, which only looks up handlers, does not need it

    body = render("refused.md", actor=event.sender.login)
    github.ensure_comment(event.repository, event.issue, "refused", body)
    return False


def start_run(parts: Parts, github: GitHubClient, event: IssueEvent, label: str) -> None:
    """Makes and queues the run of this event, and shows that it was seen. An active run of the issue goes on."""
    run, is_new = parts.store.ensure_run(
        NewRun(
            repository=event.repository,
            installation_id=event.installation_id,
            issue=event.issue,
            delivery_id=event.delivery_id,
            actor=event.sender.login,
            actor_id=event.sender.id,
            title=event.title,
            body=event.body,
            label=label,
        )
    )
    facts = {"run": run.id, "repository": run.repository, "issue": run.issue, "actor": event.sender.login}
    logger.info("run made" if is_new else "run exists already", extra=facts)
    if run.delivery_id != event.delivery_id:
        note_edit(parts, run, event)
        return
    if run.status == "queued":
        parts.queue.enqueue_run(run.id, run.attempts)
    _react(github, event)


def _react(github: GitHubClient, event: IssueEvent) -> None:
    from bot.github.errors import GitHubError

    try:
        github.ensure_reaction(event.repository, event.issue, "eyes")
    except GitHubError as error:  # a courtesy, refused on a locked issue: the status comment follows anyway
        logger.warning("no reaction: %s", error, extra={"repository": event.repository, "issue": event.issue})


def note_edit(parts: Parts, run: Run, event: IssueEvent) -> None:
    """Keeps for the run's report that the issue reads otherwise now: what was labelled is what is implemented."""
    if (event.title, event.body) != (run.title, run.body):
        from bot.words.loader import render

        parts.store.add_notice(run.id, render("edited.md", actor=event.sender.login).strip())


def cancel_run(parts: Parts, event: IssueEvent, reason: str) -> None:
    """Cancels the run of the issue that is active or waits for an answer."""
    run = parts.store.find_latest_run(event.repository, event.issue)
    if run is not None and parts.store.request_cancel(run.id, reason):
        logger.info("run is to end: %s", reason, extra={"run": run.id})
