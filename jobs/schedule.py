"""The job of RQ's cron: queues the drift checks that are due, and reads the schedules of repositories.

RQ's cron knows one table of jobs, in the time of its machine, and forgets what it missed while it was down. So it runs
this alone, every `schedule_seconds`; each repository's time is in the store. Safe to run twice and in many processes:
a time that is due is a cause, and the same cause asks once.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from bot.config import CONFIG_PATH, ConfigError, RepositoryConfig, read_repository_config, read_settings
from bot.github.contents import FileTooLarge
from bot.github.errors import GitHubError
from bot.schedule import find_next
from bot.store import DriftSchedule
from jobs.parts import Parts, make_parts

logger = logging.getLogger(__name__)

READ_AGAIN = timedelta(days=1)  # a check and a push read the config too, so this is for what was missed
READS_AT_A_TIME = 20


def run() -> None:
    """Does what is due."""
    parts = make_parts(read_settings())
    try:
        queue_due(parts, datetime.now(UTC))
        for repository, installation_id in parts.store.list_unread_schedules(READ_AGAIN, READS_AT_A_TIME):
            _read(parts, repository, installation_id)
    finally:
        parts.store.close()


def queue_due(parts: Parts, now: datetime) -> None:
    """Queues a check of each repository whose time has come; of several missed times it is one."""
    for schedule in parts.store.list_due_schedules(now):
        if schedule.due is None or schedule.cron is None:
            continue
        cause = f"schedule {schedule.due.isoformat(timespec='seconds')}"
        check = parts.store.ensure_drift_check(schedule.repository, schedule.installation_id, cause)
        parts.store.advance_drift_schedule(schedule, _find_next(schedule, now))
        parts.queue.enqueue_check(check.id, check.attempts)


def note_schedule(parts: Parts, repository: str, installation_id: int, config: RepositoryConfig) -> None:
    """Keeps what the repository's config says of its schedule."""
    wanted = config.drift.schedule
    schedule = DriftSchedule(repository, installation_id, None, "UTC", None)
    if wanted is not None:
        schedule = DriftSchedule(repository, installation_id, wanted.cron, wanted.time_zone, None)
        due = _find_next(schedule, datetime.now(UTC))
        schedule = DriftSchedule(repository, installation_id, wanted.cron, wanted.time_zone, due)
    parts.store.set_drift_schedule(schedule)


def _find_next(schedule: DriftSchedule, now: datetime) -> datetime:
    return find_next(schedule.cron or "", schedule.time_zone, now, schedule.repository)


def _read(parts: Parts, repository: str, installation_id: int) -> None:
    """Reads the config by GitHub's API. What cannot be read has no schedule until it is read again."""
    facts = {"repository": repository}
    try:
        config = _find_config(parts, repository, installation_id)
    except (ConfigError, FileTooLarge) as error:
        logger.warning("no schedule: %s", error, extra=facts)
        config = RepositoryConfig()
    except GitHubError as error:
        logger.warning("no schedule, tried again: %s", error, extra=facts)
        return
    note_schedule(parts, repository, installation_id, config)


def _find_config(parts: Parts, repository: str, installation_id: int) -> RepositoryConfig:
    github = parts.open_github(installation_id)
    content = github.find_file(repository, CONFIG_PATH, github.get_repository(repository).default_branch)
    return read_repository_config(content)
