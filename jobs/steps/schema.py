"""Step 5: models, migration and rollback, proved before any logic that needs the schema is written."""

from __future__ import annotations

from typing import Any

from jobs.context import RunContext


def run(context: RunContext) -> dict[str, Any]:
    """Output: `patch`, `revision`, `changeset`, `proof`, and `models` (how the models differ from the target, a line each).

    All but the patch are None when the spec asks nothing of the database.
    """
    if context.spec.data_model.is_empty:
        return {"patch": context.tree.patch(), "revision": None, "changeset": None, "proof": None, "models": []}
    target = _build_target(context)
