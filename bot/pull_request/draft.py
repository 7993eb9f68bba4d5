"""Whether a pull request is a draft: it is when a gate failed or something that the spec asks for is not there."""

from __future__ import annotations

from bot.pull_request.open_points import list_open_points
from bot.pull_request.report import Report


def is_draft(report: Report) -> bool:
    """Whether this is not yet for merging. A gate that is open for a person's decision makes no draft by itself."""
    return any(gate.state == "failed" for gate in report.gates) or bool(list_open_points(report))
