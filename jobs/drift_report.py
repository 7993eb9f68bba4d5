"""Says on GitHub what a drift check found: one issue, and a check run on the commit; and in a chat, when it is new."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.drift.issue import TITLE, render_issue
from bot.github.errors import GitHubError, RateLimited, Unavailable
from bot.github.protocol import GitHubClient
from bot.github.values import Conclusion, Issue
from bot.store import DriftCheck, DriftResult, DriftStatus
from bot.words.loader import render
from jobs.drift_chat import say_in_chat
from jobs.drift_outcome import DriftOutcome
from jobs.parts import Parts

logger = logging.getLogger(__name__)

MARKER = "drift"
CHECK_NAME = "Specwright drift"
# Drift of a live database is not the commit's fault, so no commit fails for it.
CONCLUSIONS: dict[DriftStatus, Conclusion] = {"none": "success", "drift": "neutral", "could_not_check": "neutral"}


def tell(parts: Parts, check: DriftCheck, outcome: DriftOutcome, result: DriftResult) -> None:
    """Says it, without effects in a dry run. What GitHub refuses for good is logged: the result is kept anyway.

    Raises `Unavailable` and `RateLimited`, so that it is tried again.
    """
    is_dry = outcome.config is not None and outcome.config.dry_run
    github = parts.open_github(check.installation_id, dry_run=is_dry)
    told = render_issue(outcome.report, outcome.failure, result.since)
    facts = {"check": check.id, "repository": check.repository}
    try:
        ensured = github.ensure_issue(check.repository, MARKER, TITLE, told.body, told.state)
        if result.commit is not None:
            _report_on_commit(github, check, result, ensured.issue)
    except (RateLimited, Unavailable):
        raise
    except GitHubError as error:
        logger.warning("drift was not reported: %s", error, extra=facts)
        return
    if ensured.is_new and ensured.issue is not None:
        logger.info("drift reported", extra={**facts, "issue": ensured.issue.number, "state": told.state})
        say_in_chat(parts.settings, f"{check.repository}: {_render_title(result)} {ensured.issue.html_url}")


def _report_on_commit(github: GitHubClient, check: DriftCheck, result: DriftResult, issue: Issue | None) -> None:
    summary = render(
        "drift/check.md",
        counts=_list_counts(result),
        failure=result.detail or "",
        issue_url="" if issue is None else issue.html_url,
    )
    conclusion = CONCLUSIONS[result.status]
    commit, title = result.commit or "", _render_title(result)
    github.ensure_check_run(check.repository, commit, CHECK_NAME, MARKER, conclusion, title, summary)


def _list_counts(result: DriftResult) -> Sequence[tuple[str, int]]:
    return tuple((severity, number) for severity, number in result.counts.items() if number)


def _render_title(result: DriftResult) -> str:
    """In a line, as `specwright drift` ends."""
    counts = ", ".join(f"{number} {severity}" for severity, number in _list_counts(result))
    words = {"none": "No drift.", "drift": f"Drift: {counts}."}
    return words.get(result.status) or f"Could not be checked{f'; drift elsewhere: {counts}' if counts else ''}."
