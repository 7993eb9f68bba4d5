"""Step 3: what the spec leaves open by itself. Gaps beside the existing schema are found once that is known.

Where a model implements, it analyses the spec, asks what only people can answer, and plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.migration.errors import MigrationError
from bot.spec.gaps import find_gaps
from bot.spec.model import Problem
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.sandbox import SandboxUnavailable
from jobs.context import RunContext
from jobs.continuation import is_approved
from jobs.endings import Asked, PlanWaits


def run(context: RunContext) -> dict[str, Any]:
    """Output: `gaps`, always empty when the run goes on; `analysis` and `plan` of the model, None without one.

    Raises `Asked`, never invents an answer; `PlanWaits` where the repository wants to see the plan first.
    """
    gaps = find_gaps(context.spec, None)
    if gaps:
        raise Asked(_find_all(context, gaps))
    if context.implementer == "blueprint":
        return {"gaps": [], "analysis": None, "plan": None}
    from jobs.engineer import analyse

    analysis, plan = analyse(context)
    if context.config.plan_first and not is_approved(context.store, context.run.id):
        raise PlanWaits(plan.files)
    return {"gaps": [], "analysis": analysis.model_dump(), "plan": plan.model_dump()}


def _find_all(context: RunContext, gaps: Sequence[Problem]) -> Sequence[Problem]:
    """Those beside the existing schema too, where that can be had: people should be asked once."""
    try:
        return find_gaps(context.spec, context.base.schema)
    except (MigrationError, EnvironmentFailed, SandboxUnavailable):
        return gaps
