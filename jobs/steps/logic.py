"""Step 6: tests, documentation and the canonical spec; then, where a model implements, everything else.

What is not done stays an open box.
"""

from __future__ import annotations

from typing import Any

from bot.implement import blueprint
from bot.implement.changeset import Changeset, from_json, merge, to_json
from bot.spec.canonical import render_canonical, slugify
from jobs.context import RunContext


def run(context: RunContext) -> dict[str, Any]:
    """Output: `patch` (everything written so far), `changeset` (the models' and this one together), `engineer`.

    `engineer` says how the model's work ended, and is None without one.
    """
    if context.implementer == "claude":
        from jobs.engineer_work import implement

        return implement(context, write_exact)
    context.reset_tree()
    written = write_exact(context)
    return {"patch": context.tree.patch(), "changeset": to_json(written), "engineer": None}


def write_exact(context: RunContext) -> Changeset:
    """Writes what the spec states exactly into the tree, which must be fresh: tests of the schema, docs, the spec."""
    base, target, run = context.base, context.target, context.run
    after = base.schema if target is None else target
    written = blueprint.implement_logic(
        context.tree.path, context.spec, context.changes, base.schema, after, context.config, run.issue
    )
    schema = context.outputs["schema"]
    notes = Changeset(notes=tuple(note for revision in schema["revisions"] for note in revision["notes"]))
    return merge([from_json(schema["changeset"]), notes, written, _write_spec(context)])


def _write_spec(context: RunContext) -> Changeset:
    name = f"specs/{context.run.issue}-{slugify(context.run.title)}.yml"
    path = context.tree.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(render_canonical(context.spec, context.run.issue), encoding="utf-8")
    return Changeset(files=(name,), done=(f"the spec as it was implemented, in {name}",))
