"""What the spec asks for and this change does not give: each point once, whoever names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.gates.criteria import judge_criteria
from bot.pull_request.report import Report

_ENDPOINT = re.compile(r"endpoint ([A-Z]+ \S+)")


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """`text` is the endpoint (`POST /orders`), the words of the criterion `name`, or a line of the implementer's."""

    kind: Literal["endpoint", "criterion", "other"]
    name: str
    text: str


def list_open_points(report: Report) -> tuple[OpenPoint, ...]:
    """Endpoints that are not implemented, criteria that no test shows, and whatever else is not done."""
    endpoints = [match[1] for line in report.changeset.not_done if (match := _ENDPOINT.fullmatch(line))]
    judged = judge_criteria(report.spec, report.changeset, report.tests_after)
    criteria = [result.criterion for result in judged if result.state == "open"]
    said = {f"{criterion.id}:" for criterion in report.spec.criteria}
    others = (
        line
        for line in report.changeset.not_done
        if not _ENDPOINT.fullmatch(line) and line.partition(" ")[0] not in said
    )
    return (
        *(OpenPoint("endpoint", "", endpoint) for endpoint in endpoints),
        *(OpenPoint("criterion", criterion.id, criterion.text) for criterion in criteria),
        *(OpenPoint("other", "", line) for line in others),
    )
