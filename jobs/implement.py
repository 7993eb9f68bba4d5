"""The job that takes a run from its spec to its pull request, step by step.

Safe to run twice and to be killed anywhere: finished steps are kept in the store and never done again, the lease makes sure
that one worker at a time holds the run, and every effect on GitHub is find-or-create.
"""

from __future__ import annotations

import logging
import os
import socket
import uuid

from bot.config import read_settings
from bot.store import Run
from jobs import steps
from jobs.context import RunContext
from jobs.endings import Ending, Failed, LeaseLost
from jobs.heartbeat import Heartbeat
from jobs.parts import Parts, make_parts
from jobs.queue import StepTimeout, step_time_limit
from jobs.status import report

logger = logging.getLogger(__name__)


def run(run_id: int) -> None:
    """Takes the run up where it stands; returns at once when it has ended or another worker holds it."""
    parts = make_parts(read_settings())
    owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    claimed = parts.store.claim_run(run_id, owner, parts.settings.lease_seconds)
    if claimed is None:
        logger.info("run %s is not to be had: ended, or held by another worker", run_id)
        return
    try:
        with Heartbeat(parts.store, claimed.id, owner, parts.settings.lease_seconds) as heartbeat:
            _work(parts, claimed, heartbeat)
    except LeaseLost:
        logger.warning("run %s was taken over by another worker", run_id)


def _work(parts: Parts, claimed: Run, heartbeat: Heartbeat) -> None:
    context = _make_context(parts, claimed)
    try:
        report(context)
        for name in steps.ORDER:
            heartbeat.check()
            if name not in context.outputs:
                _do_step(context, name)
                report(context)
    except Ending as ending:
        _end(context, ending)
    finally:
        context.close()


def _make_context(parts: Parts, claimed: Run) -> RunContext:
    outputs = {step.name: step.output for step in parts.store.list_steps(claimed.id) if step.output is not None}
    github = parts.open_github(claimed.installation_id)
    return RunContext(run=claimed, parts=parts, github=github, outputs=outputs)


def _do_step(context: RunContext, name: str) -> None:
    logger.info("run %s: %s", context.run.id, name)
    limit_seconds = context.parts.settings.step_timeout_seconds
    context.store.start_step(context.run.id, name)
    report(context)
    try:
        with step_time_limit(limit_seconds):
            output = steps.get_step(name).run(context)
    except (Ending, LeaseLost) as ending:
        _fail_step(context, name, ending)
        raise
    except StepTimeout as error:
        _fail_step(context, name, error)
        raise Failed("step_timeout", step=name, limit_seconds=limit_seconds) from error
    except Exception as error:
        logger.exception("run %s: step %s failed", context.run.id, name)
        _fail_step(context, name, error)
        raise Failed("unexpected", step=name, message=type(error).__name__, run=context.run.id) from error
    context.outputs[name] = output
    context.store.finish_step(context.run.id, name, output)
