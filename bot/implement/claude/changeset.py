"""What the engineer did, as every implementer says it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.implement.changeset import Changeset, CriterionEvidence
from bot.implement.claude.engineer import Outcome
from bot.implement.claude.tools.finish import Summary
from bot.spec.model import Spec

_PARAMETER = re.compile(r"\{[^/{}]*\}|<[^/<>]*>")


def make_changeset(spec: Spec, files: Sequence[str], outcome: Outcome) -> Changeset:
    """The changeset of that outcome; `files` are all that the change touches.

    A criterion that the summary does not tie to a test stays open by itself; an endpoint is open unless it is named.
    """
    summary = outcome.summary or Summary()
    return Changeset(
        files=tuple(files),
        done=tuple(summary.done),
        not_done=(*list_open_endpoints(spec, summary), *summary.not_done, *_list_ends(outcome)),
        criteria=read_evidence(spec, summary),
        notes=tuple(summary.notes),
    )


def read_evidence(spec: Spec, summary: Summary) -> tuple[CriterionEvidence, ...]:
    """Where each criterion of the spec is met; what the spec does not have is left out."""
    known = {criterion.id for criterion in spec.criteria}
    return tuple(
        CriterionEvidence(item.id, ", ".join(f"`{name}`" for name in item.files), tuple(dict.fromkeys(item.tests)))
        for item in summary.criteria
        if item.id in known
    )


def list_open_endpoints(spec: Spec, summary: Summary) -> tuple[str, ...]:
    """Endpoints of the spec that the summary does not name, as the blueprint implementer says it."""
    named = {_normalise(text) for text in summary.endpoints}
    asked = (f"{endpoint.method} {endpoint.path}" for endpoint in spec.endpoints)
    return tuple(f"endpoint {endpoint}" for endpoint in asked if _normalise(endpoint) not in named)


def _list_ends(outcome: Outcome) -> tuple[str, ...]:
    """What keeps the change from being whole."""
    ended = () if outcome.status == "finished" else (f"the work was not ended, {outcome.status}: {outcome.reason}",)
    return (*ended, *(f"found by a review and not repaired: {line}" for line in outcome.found))


def _normalise(endpoint: str) -> str:
    """Names of parameters, case of the method and a slash at the end do not count."""
    method, _, path = endpoint.strip().partition(" ")
    return f"{method.upper()} {_PARAMETER.sub('{}', path.strip()).rstrip('/')}"
