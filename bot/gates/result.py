"""What a gate found, and how it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

State = Literal["passed", "failed", "open", "skipped"]


@dataclass(frozen=True, slots=True)
class GateResult:
    """`name` is the gate's file. "open" means that a person must look or decide, "skipped" that nothing was to check.

    `summary` is one sentence without its full stop, `details` are further ones; names in them stand in backticks.
    """

    name: str
    state: State
    summary: str
    details: tuple[str, ...] = ()


def to_json(result: GateResult) -> dict[str, Any]:
    """A dictionary that JSON can hold; `from_json` reads it back."""
    return {**asdict(result), "details": list(result.details)}


def from_json(content: Mapping[str, Any]) -> GateResult:
    """The result that `to_json` wrote. Raises KeyError when a part is missing, ValueError for another state."""
    state = content["state"]
    if state not in get_args(State):
        raise ValueError(f"{state!r} is no state of a gate")
    return GateResult(str(content["name"]), state, str(content["summary"]), tuple(map(str, content["details"])))


def quote(name: str) -> str:
    """A name from outside as it stands in a summary or detail."""
    return f"`{name.replace('`', chr(39))}`"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number and its noun: 1 test, 2 tests."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
