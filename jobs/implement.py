"""The job that takes a run from its spec to its pull request, step by step.

Safe to run twice and to be killed anywhere: finished steps are kept in the store and never done again, the lease makes
sure that one worker at a time holds the run, and every effect on GitHub is find-or-create.
"""

from __future__ import annotations

import logging
import os
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from bot.config import read_settings
from bot.github.errors import RateLimited, Unavailable
from bot.store import Run, RunStatus
from bot.tracing import Span, span
from bot.workspace.git_errors import RemoteUnavailable
from jobs import steps
from jobs.context import RunContext
from jobs.continuation import get_limits
from jobs.dry_run import open_github
from jobs.endings import Asked, Cancelled, Ending, Failed, LeaseLost, ModelRefused, PlanWaits, Unreadable
from jobs.heartbeat import Heartbeat, watch_run
from jobs.interruption import interruption_first
from jobs.parts import Parts, make_parts
from jobs.queue import StepTimeout, step_time_limit
from jobs.status import Outcome, report
from jobs.sweep import MAX_ATTEMPTS
from jobs.tracing import tracing

logger = logging.getLogger(__name__)

MAY_PASS = (
    RateLimited,
    Unavailable,
    RemoteUnavailable,
)  # the run is left to the sweep, which queues it again when its lease has ended
CALM = (Asked, Unreadable, PlanWaits, ModelRefused, Cancelled, LeaseLost)  # a step that ends so has not failed


def run(run_id: int) -> None:
    """Takes the run up where it stands; returns at once when it has ended or another worker holds it."""
    parts = make_parts(read_settings())
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    try:
        claimed = parts.store.claim_run(run_id, owner, parts.settings.lease_seconds)
        if claimed is None:
            logger.info("not to be had: ended, or held by another worker", extra={"run": run_id})
            return
        subject = f"{parts.settings.public_url} run {claimed.id}"
        with (
            tracing(os.environ, subject),
            watch_run(parts.store, claimed.id, owner, parts.settings.lease_seconds) as heartbeat,
        ):
            work(parts, claimed, heartbeat)
    except LeaseLost:
        logger.warning("taken over by another worker", extra={"run": run_id})
    except MAY_PASS as error:
        logger.warning("left to be tried again: %s", error, extra={"run": run_id})
    finally:
        parts.store.close()


def work(parts: Parts, claimed: Run, heartbeat: Heartbeat) -> None:
    """Does the steps that are not done yet, and ends the run. The claimed run's lease must be held."""
    with _open_span(claimed) as opened:
        context = _make_context(parts, claimed)
        try:
            if claimed.attempts > MAX_ATTEMPTS:
                raise Failed("gave_up", attempts=MAX_ATTEMPTS)
            report(context)
            do_steps(context, steps.ORDER, heartbeat.check)
        except Ending as ending:
            _end(context, ending.status, Outcome.of(ending), opened)
        else:
            _end(context, "draft" if context.outputs["deliver"]["draft"] else "finished", Outcome(), opened)
        finally:
            context.close()


def do_steps(context: RunContext, order: Sequence[str], check: Callable[[], None] = lambda: None) -> None:
    """Does those of the steps that are not done yet; `check` may end it between two of them. Raises `Ending`."""
    for name in order:
        check()
        if name not in context.outputs:
            with span(f"step {name}", {"specwright.step": name}, calm=CALM):
                _do_step(context, name)
            report(context)


def _open_span(claimed: Run) -> AbstractContextManager[Span]:
    facts: dict[str, str | int] = {
        "specwright.run.id": claimed.id,
        "specwright.run.attempt": claimed.attempts,
        "specwright.repository": claimed.repository,
        "specwright.issue": claimed.issue,
    }
    return span("run", facts, calm=(LeaseLost, *MAY_PASS))


def _make_context(parts: Parts, claimed: Run) -> RunContext:
    outputs = {step.name: step.output for step in parts.store.list_steps(claimed.id) if step.output is not None}
    return RunContext(run=claimed, parts=parts, github=open_github(parts, claimed, outputs), outputs=outputs)


def _do_step(context: RunContext, name: str) -> None:
    facts = {"run": context.run.id, "step": name}
    limit_seconds = _get_limit_seconds(context, name)
    logger.info("step begins", extra=facts)
    context.store.start_step(context.run.id, name)
    report(context)
    try:
        with step_time_limit(limit_seconds), interruption_first():
            output = steps.get_step(name).run(context)
    except (Ending, LeaseLost, *MAY_PASS) as error:
        _fail_step(context, name, error)
        raise
    except StepTimeout as error:
        _fail_step(context, name, error)
        raise Failed("step_timeout", step=name, limit_seconds=limit_seconds) from error
    except Exception as error:
        logger.exception("step failed", extra=facts)
        _fail_step(context, name, error)
        raise Failed("unexpected", step=name, message=type(error).__name__, run=context.run.id) from error
    context.outputs[name] = output
    context.store.finish_step(context.run.id, name, output)


def _get_limit_seconds(context: RunContext, name: str) -> int:
    """A model has its own limit of time, which ends its work in order; a step's limit is beyond that."""
    settings = context.parts.settings
    works = name == "logic" and context.implementer == "claude"
    minutes = get_limits(settings, context.config, context.store, context.run.id).minutes if works else 0
    return settings.step_timeout_seconds + round(minutes * 60)


def _fail_step(context: RunContext, name: str, error: Exception) -> None:
    if isinstance(error, LeaseLost):
        return  # another worker writes the steps of this run now
    reason = Outcome.of(error).summary if isinstance(error, Ending) else str(error)
    context.store.fail_step(context.run.id, name, reason or type(error).__name__)


def _end(context: RunContext, status: RunStatus, outcome: Outcome, opened: Span) -> None:
    opened.set_attribute("specwright.run.status", status)
    # Said before it is stored: a worker that dies in between says it again, and nothing else.
    report(context, status, outcome)
    context.store.finish_run(context.run.id, status, outcome.summary or None)
    logger.info("run ended", extra={"run": context.run.id, "status": status})
