"""The job that checks a repository's default branch for drift.

Safe to run twice and to be killed anywhere: the lease has one worker at a time check a repository, nothing is changed
while it looks, and what it says on GitHub is find-or-create. A check whose worker died is done anew.
"""

from __future__ import annotations

import logging
import os
import socket
import uuid

from bot.config import read_settings
from bot.github.errors import RateLimited, Unavailable
from bot.store import DriftCheck, DriftResult
from bot.workspace.git_errors import RemoteUnavailable
from jobs.drift_outcome import DriftOutcome, find_outcome
from jobs.drift_report import tell
from jobs.endings import LeaseLost
from jobs.heartbeat import watch_check
from jobs.parts import Parts, make_parts
from jobs.schedule import note_schedule
from jobs.sweep import MAX_ATTEMPTS

logger = logging.getLogger(__name__)

MAY_PASS = (RateLimited, Unavailable, RemoteUnavailable)  # the sweep queues it again when its lease has ended
GIVEN_UP = f"the check was tried {MAX_ATTEMPTS} times, and each time its worker died or GitHub did not answer"


def run(check_id: int) -> None:
    """Does the check; returns at once when it has ended, or when a check of that repository is being worked on."""
    parts = make_parts(read_settings())
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    facts = {"check": check_id}
    try:
        claimed = parts.store.claim_drift_check(check_id, owner, parts.settings.lease_seconds)
        if claimed is None:
            logger.info("not to be had: ended, or the repository is being checked", extra=facts)
            return
        with watch_check(parts.store, claimed.id, owner, parts.settings.lease_seconds):
            work(parts, claimed, owner)
    except LeaseLost:
        logger.warning("taken over by another worker", extra=facts)
    except MAY_PASS as error:
        logger.warning("left to be tried again: %s", error, extra=facts)
    finally:
        parts.store.close()


def work(parts: Parts, check: DriftCheck, owner: str) -> None:
    """Checks, and stores what was found. The lease of the check must be held."""
    gave_up = check.attempts > MAX_ATTEMPTS
    outcome = DriftOutcome(failure=GIVEN_UP) if gave_up else find_outcome(parts, check, MAY_PASS)
    if outcome.config is not None:
        note_schedule(parts, check.repository, check.installation_id, outcome.config)
    result = _make_result(parts, check, outcome)
    # Said before it is stored: a worker that dies in between says it again, and nothing else.
    tell(parts, check, outcome, result)
    parts.store.finish_drift_check(check.id, owner, result)
    facts = {"check": check.id, "repository": check.repository, "status": result.status}
    logger.info("drift check ended", extra=facts)


def _make_result(parts: Parts, check: DriftCheck, outcome: DriftOutcome) -> DriftResult:
    previous = next((found.since for found in parts.store.list_drift_checks(check.repository, 1)), None) or {}
    report = outcome.report
    if report is None:
        return DriftResult("could_not_check", outcome.failure, outcome.commit, since=previous)
    return DriftResult(
        outcome.status,
        outcome.failure,
        report.commit,
        report.count(),  # type: ignore[arg-type]  # mypy: the key of a Mapping is invariant
        {item.name: item.fingerprint for item in report.environments if item.fingerprint},
        outcome.carry_on(previous, check.created),
    )
