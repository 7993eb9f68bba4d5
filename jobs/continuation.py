"""Runs that wait for a person, or stopped at a limit, taken up where they stand: nothing is asked or paid twice.

What a person allowed is a line of the run's transcript, so it is there on any machine and can be read with the rest.
Who may allow it is for the caller to ask of GitHub, for the person of that very event.
"""

from __future__ import annotations

from typing import Any

from bot.config import RepositoryConfig, Settings, parse_repository_config
from bot.implement.claude.budget import Limits, choose_limits, count_spent, extend_limits, find_excess
from bot.store import Run, RunStatus, Store, TranscriptTaken
from jobs.parts import Parts

APPROVALS, GRANTS = "approvals", "grants"
AFTER_PLAN = ("logic", "gates", "deliver")  # what is done anew when a model goes on with its work


class NothingWaits(Exception):
    """The run is over, is being worked on, waits for something else, or is not the issue's newest."""


class NoLimitReached(Exception):
    """The run did not end at a limit: more money would change nothing."""


def approve_plan(parts: Parts, run_id: int, by: str) -> Run:
    """Has a run go on whose plan waits for approval. Raises `NothingWaits`, and what the queue raises."""
    store = parts.store
    run = _get_newest(store, run_id)
    has_plan = any(entry.kind == "reply" for entry in store.list_conversation(run_id, "plan"))
    if run.status != "asked" or not has_plan or is_approved(store, run_id):
        raise NothingWaits(f"run {run_id} is {run.status}")
    return _reopen(parts, run, "asked", APPROVALS, {"by": by})


def continue_run(parts: Parts, run_id: int, by: str, budget_usd: float | None = None) -> Run:
    """Has a run go on that ended at a limit, with so many dollars more and its other limits once more.

    None: as much as it had. Never more at once than the bot's own limit. Raises as `approve_plan`; `NoLimitReached`.
    """
    store = parts.store
    run = _get_newest(store, run_id)
    if run.status not in ("draft", "failed"):
        raise NothingWaits(f"run {run_id} is {run.status}")
    config = _read_config(store, run_id)
    if find_excess(get_limits(parts.settings, config, store, run_id), count_spent(store.list_costs(run_id))) is None:
        raise NoLimitReached(f"run {run_id} did not end at a limit")
    wanted = choose_limits(parts.settings, config).cost_usd if budget_usd is None else budget_usd
    granted = {"by": by, "usd": min(wanted, parts.settings.budget_cost_usd), "commit": run.head_commit}
    return _reopen(parts, run, run.status, GRANTS, granted, AFTER_PLAN)


def is_approved(store: Store, run_id: int) -> bool:
    """Whether somebody agreed to the plan of that run."""
    return bool(store.list_conversation(run_id, APPROVALS))


def get_limits(settings: Settings, config: RepositoryConfig, store: Store, run_id: int) -> Limits:
    """What that run may use at most, with what it was granted later."""
    granted = [float(entry.content["value"]["usd"]) for entry in store.list_conversation(run_id, GRANTS)]
    return extend_limits(choose_limits(settings, config), granted)


def has_pushed(store: Store, run_id: int, commit: str) -> bool:
    """Whether the run pushed that commit before it was continued, and may replace it."""
    return any(entry.content["value"]["commit"] == commit for entry in store.list_conversation(run_id, GRANTS))


def _reopen(
    parts: Parts, run: Run, status: RunStatus, kind: str, content: dict[str, Any], without: tuple[str, ...] = ()
) -> Run:
    """Notes it first: a worker that is faster than we are finds it."""
    number = len(parts.store.list_costs(run.id)) + 1
    try:
        parts.store.add_entry(run.id, number, kind, "value", {"key": kind, "value": content})
    except TranscriptTaken as error:  # somebody else was faster
        raise NothingWaits(f"run {run.id} has gone on") from error
    opened = parts.store.reopen_run(run.id, status, without=without)
    if opened is None:
        raise NothingWaits(f"run {run.id} has gone on, or another one of its issue is active")
    parts.queue.enqueue_run(opened.id, opened.attempts)
    return opened


def _get_newest(store: Store, run_id: int) -> Run:
    run = store.get_run(run_id)
    newest = store.find_latest_run(run.repository, run.issue)
    if newest is None or newest.id != run_id:
        raise NothingWaits(f"run {run_id} is not the newest of its issue")
    return run


def _read_config(store: Store, run_id: int) -> RepositoryConfig:
    found = (step.output for step in store.list_steps(run_id) if step.name == "checkout" and step.output is not None)
    return parse_repository_config(next((output["config"] for output in found), ""))
