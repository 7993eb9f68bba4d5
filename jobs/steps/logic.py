"""Step 6: tests, documentation and the canonical spec; what the implementer does not do stays an open box."""

from __future__ import annotations

from typing import Any

from bot.implement import blueprint
from bot.implement.changeset import Changeset, from_json, merge, to_json
from bot.spec.canonical import render_canonical, slugify
from jobs.context import RunContext


def run(context: RunContext) -> dict[str, Any]:
    """Output: `patch` (everything written so far) and `changeset` (the models' and this one together)."""
    base, target, run = context.base, context.target, context.run
    after = base.schema if target is None else target
    tree = context.reset_tree()
    written = blueprint.implement_logic(
        tree.path, context.spec, context.changes, base.schema, after, context.config, run.issue
    )
    schema = context.outputs["schema"]
    notes = Changeset(notes=tuple(note for revision in schema["revisions"] for note in revision["notes"]))
    changeset = merge([from_json(schema["changeset"]), notes, written, _write_spec(context)])
    return {"patch": tree.patch(), "changeset": to_json(changeset)}


def _write_spec(context: RunContext) -> Changeset:
    name = f"specs/{context.run.issue}-{slugify(context.run.title)}.yml"
    path = context.tree.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_canonical(context.spec, context.run.issue), encoding="utf-8")
    return Changeset(files=(name,), done=(f"the spec as it was implemented, in {name}",))
