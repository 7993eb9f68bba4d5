"""What the steps produced, put together for the pull request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.gates import result
from bot.implement import changeset
from bot.implement.claude.usage import Usage
from bot.live import sizes
from bot.migration import lint_result, proof_codec
from bot.migration.project import find_project
from bot.pull_request.report import Engineer, Report
from bot.schema.diagram import render_diagram
from bot.workspace import test_run
from jobs.context import RunContext
from jobs.links import render_rules_url, render_run_url


def build_report(context: RunContext) -> Report:
    """The report of a run whose gates are done. The tree must be as the last patch left it."""
    run, gates = context.run, context.outputs["gates"]
    return Report(
        issue=run.issue,
        title=run.title,
        actor=run.actor,
        actor_id=run.actor_id,
        label=run.label,
        base_branch=context.base_branch,
        base_commit=context.base_commit,
        branch=context.branch,
        run_url=render_run_url(context.parts.settings, run.id),
        rules_url=render_rules_url(context.parts.settings),
        spec=context.spec,
        changeset=changeset.from_json(context.outputs["logic"]["changeset"]),
        changes=context.tree.list_changes(),
        gates=tuple(result.from_json(gate) for gate in gates["gates"]),
        proof=None if gates["proof"] is None else proof_codec.from_json(gates["proof"]),
        lint=None if gates["lint"] is None else lint_result.from_json(gates["lint"]),
        tests_before=test_run.from_json(context.outputs["baseline"]["tests"]),
        tests_after=None if gates["tests"] is None else test_run.from_json(gates["tests"]),
        diagram=_render_diagram(context),
        notices=context.store.get_run(run.id).notices,
        revisions=context.revisions,
        project=find_project(context.tree.path, context.config),
        live=tuple(map(sizes.from_json, gates.get("live", ()))),
        engineer=_read_engineer(context.outputs["logic"].get("engineer")),
    )


def _read_engineer(facts: Mapping[str, Any] | None) -> Engineer | None:
    if facts is None:
        return None
    usage = Usage(**facts["usage"])
    cached = usage.cache_read / usage.sent if usage.sent else 0.0
    cost_usd, is_priced = facts["cost_usd"], facts["is_priced"]
    return Engineer(facts["model"], facts["status"], facts["turns"], usage.total, cached, cost_usd, is_priced)


def _render_diagram(context: RunContext) -> str:
    before, after = context.base.schema, context.target
    return "" if after is None else render_diagram(before, after, context.changes)
