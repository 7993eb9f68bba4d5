"""Step 3: what the spec leaves open by itself. Gaps beside the existing schema are found once that is known."""

from __future__ import annotations

from typing import Any

from bot.spec.gaps import find_gaps
from jobs.context import RunContext
from jobs.endings import Asked


def run(context: RunContext) -> dict[str, Any]:
    """Output: `gaps`, always empty when the run goes on. Raises `Asked`, never invents an answer."""
    gaps = find_gaps(context.spec, None)
    if gaps:
        raise Asked(gaps)
    return {"gaps": []}
