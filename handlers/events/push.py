"""Somebody pushes to the default branch: a drift check, when models, migrations or specs may have changed."""

from __future__ import annotations

from bot.config import CONFIG_PATH, ConfigError, RepositoryConfig, read_repository_config
from bot.store import Delivery
from handlers.push_event import PushEvent, read_push_event
from handlers.routing import on
from jobs.parts import Parts


@on("push")
def handle(delivery: Delivery, parts: Parts) -> None:
    """Queues a check, for repositories whose config has a schedule or a live database. The same head asks once."""
    event = read_push_event(delivery)
    if not event.is_of_default_branch:
        return
    config = _find_config(parts, event)
    if config is None:
        return
    from jobs.schedule import note_schedule  # the server, which only looks up handlers, does not need it

    if event.touches(CONFIG_PATH):
        note_schedule(parts, event.repository, event.installation_id, config)
    is_asked_for = config.drift.schedule is not None or config.drift.environments
    if is_asked_for and event.may_touch_the_schema(config.models):
        check = parts.store.ensure_drift_check(event.repository, event.installation_id, f"push {event.commit}")
        parts.queue.enqueue_check(check.id, check.attempts)


def _find_config(parts: Parts, event: PushEvent) -> RepositoryConfig | None:
    """None when it cannot be read: the next scheduled check says what is wrong with it."""
    from bot.github.contents import FileTooLarge

    github = parts.open_github(event.installation_id)
    try:
        content = github.find_file(event.repository, CONFIG_PATH, event.commit)
        return read_repository_config(content)
    except (ConfigError, FileTooLarge):
        return None
