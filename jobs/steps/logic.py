"""Step 6: tests, documentation and the canonical spec; what the implementer does not do stays an open box."""

from __future__ import annotations

from typing import Any

from bot.spec.canonical import render_canonical, slugify

from bot.implement import blueprint
from bot.implement.changeset import to_json
from jobs.context import RunContext


def run(context: RunContext) -> dict[str, Any]:
    """Output: `patch` (everything written so far) and `changeset`."""
    changeset = blueprint.implement_logic(context.tree.path, context.spec, context.run.issue, context.schema_work)
    _write_spec(context)
    return {"patch": context.tree.patch(), "changeset": to_json(changeset)}


def _write_spec(context: RunContext) -> None:
    path = context.tree.path / "specs" / f"{context.run.issue}-{slugify(context.run.title)}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_canonical(context.spec, context.run.issue))
