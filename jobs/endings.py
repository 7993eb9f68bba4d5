"""How a run can end before its last step. Each ending is an exception with a name; the words are templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.spec.model import Problem
from jobs.interruption import Interruption

EndStatus = Literal["asked", "failed", "cancelled", "refused"]


class Ending(Exception):
    """A run that stops here on purpose: `status` is stored, `template` with `values` is what people read."""

    status: EndStatus = "failed"

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template)
        self.template = template
        self.values = values


class Asked(Ending):
    """The spec leaves something essential open; the run waits for the edited issue."""

    status: EndStatus = "asked"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("questions.md", problems=tuple(problems))


class Unreadable(Ending):
    """The spec cannot be read or contradicts itself or the schema; the run waits for the edited issue."""

    status: EndStatus = "asked"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("spec_errors.md", problems=tuple(problems))


class PlanWaits(Ending):
    """The repository wants a person to agree to the plan first; `files` are what is planned."""

    status: EndStatus = "asked"

    def __init__(self, files: Sequence[object]) -> None:
        super().__init__("plan_waits.md", files=tuple(files))


class Failed(Ending):
    """The run cannot go on. `kind` names a template in `failures/` that says what happened and what to do.

    `output` (what a program printed) is shown folded below it.
    """

    status: EndStatus = "failed"

    def __init__(self, kind: str, *, output: str = "", **values: object) -> None:
        super().__init__(f"failures/{kind}.md", output=output, **values)


class ModelRefused(Ending):
    """The model does not do what the spec asks for."""

    status: EndStatus = "refused"

    def __init__(self, reason: str) -> None:
        super().__init__("failures/model_refused.md", reason=reason)


class Cancelled(Ending, Interruption):
    """Somebody asked for the end: the label was removed or the issue closed."""

    status: EndStatus = "cancelled"

    def __init__(self, reason: str) -> None:
        super().__init__("cancelled.md", reason=reason)


class LeaseLost(Exception, Interruption):
    """Another worker holds the run now: this one stops without a word."""
