"""The one status comment of an issue: what the run has done, is doing, and how it ended."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.github.errors import GitHubError
from bot.implement.claude.budget import count_spent
from bot.store import RunStatus, Step
from bot.words.loader import render
from jobs import steps
from jobs.context import RunContext
from jobs.continuation import get_limits
from jobs.endings import Ending
from jobs.links import render_run_url

logger = logging.getLogger(__name__)

MARKER = "status"
SUMMARY_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class StepLine:
    """A line of the list; `detail` is Markdown of ours."""

    name: str
    title: str
    state: Literal["waiting", "running", "finished", "failed"]
    duration_seconds: float | None
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended early: `text` for the issue (Markdown), `summary` for the store. Empty: it went the whole way."""

    text: str | None = None
    summary: str = ""

    @classmethod
    def of(cls, ending: Ending) -> Outcome:
        """The words of that ending."""
        values = dict(ending.values)
        output = str(values.pop("output", ""))
        text = render(ending.template, **values)
        folded = render("parts/output.md", output=output)
        return cls(f"{text}\n{folded}" if folded else text, text.partition("\n")[0][:SUMMARY_CHARACTERS])


def report(context: RunContext, status: RunStatus = "running", outcome: Outcome | None = None) -> None:
    """Brings the status comment up to date. A GitHub that does not answer holds up no run."""
    try:
        context.github.ensure_comment(
            context.run.repository, context.run.issue, MARKER, render_status(context, status, outcome or Outcome())
        )
    except GitHubError as error:
        logger.warning("no status comment: %s", error, extra={"run": context.run.id})


def render_status(context: RunContext, status: RunStatus, outcome: Outcome) -> str:
    """The comment's Markdown."""
    run = context.store.get_run(context.run.id)
    delivered = context.outputs.get("deliver", {})
    return render(
        "status.md",
        status=status,
        actor=run.actor,
        base_branch=run.base_branch,
        base_commit=run.base_commit,
        steps=_list_lines(context),
        run_url=render_run_url(context.parts.settings, run.id),
        pull_request_url=delivered.get("url"),
        notices=run.notices,
        ending=outcome.text,
        effects=delivered.get("effects", ()),
        spent=_count_spent(context),
        plan=_read_plan(context),
    )


def _count_spent(context: RunContext) -> Mapping[str, Any] | None:
    """What a model has used so far, and the most that it may cost."""
    entries = context.store.list_costs(context.run.id)
    if not entries:
        return None
    spent = count_spent(entries)
    limits = get_limits(context.parts.settings, context.config, context.store, context.run.id)
    facts = {"turns": spent.turns, "tokens": spent.usage.total, "cost_usd": spent.cost_usd}
    return {**facts, "limit_usd": limits.cost_usd}


def _read_plan(context: RunContext) -> Sequence[Mapping[str, Any]] | None:
    plan = context.outputs.get("analyse", {}).get("plan")
    return None if plan is None else plan["files"]


def _list_lines(context: RunContext) -> Sequence[StepLine]:
    known = {step.name: step for step in context.store.list_steps(context.run.id)}
    return [_read_line(name, known.get(name)) for name in steps.ORDER]


def _read_line(name: str, step: Step | None) -> StepLine:
    title = steps.TITLES[name]
    if step is None:
        return StepLine(name, title, "waiting", None, "")
    detail = "" if step.output is None else render(f"steps/{name}.md", **_read_facts(name, step.output))
    return StepLine(name, title, step.state, _measure(step), detail)


def _measure(step: Step) -> float | None:
    """Seconds of a step that has ended; while it goes on none is shown, as the comment does not tick."""
    return None if step.ended is None else (step.ended - step.started).total_seconds()


def _read_facts(name: str, output: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the detail of that step is made of."""
    if name == "baseline":
        outcomes = [case["outcome"] for case in output["tests"]["cases"]]
        failed = sum(outcome in ("failed", "error") for outcome in outcomes)
        return {"revision": output["revision"], "passed": outcomes.count("passed"), "failed": failed}
    if name == "schema":
        proof = output["proof"]
        if proof is None:
            return {"tables": (), "ok": True, "rows": 0}
        tables = {change["table"] or change["name"] for change in proof["changes"]}
        return {"tables": tables, "ok": proof["ok"], "rows": sum(proof["rows"].values())}
    if name == "logic":
        return {key: output["changeset"][key] for key in ("files", "not_done")}
    if name == "gates":
        states = [gate["state"] for gate in output["gates"]]
        return {state: states.count(state) for state in ("passed", "failed", "open")}
    return output
