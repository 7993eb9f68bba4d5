"""The steps of a run: one file each, with `run(context) -> dict` whose output is stored as JSON.

`ORDER` is the way from a spec to its pull request; a run that is resumed begins at the first step without an output.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from jobs.context import RunContext

ORDER = ("checkout", "read", "analyse", "baseline", "schema", "logic", "gates", "deliver")
TITLES = {
    "checkout": "Check out the repository",
    "read": "Read the spec",
    "analyse": "Look for what it leaves open",
    "baseline": "Build the environment, run the tests as they are",
    "schema": "Write models and migration, prove it",
    "logic": "Write tests and documentation",
    "gates": "Run tests, proof and checks again",
    "deliver": "Push the branch, open the pull request",
}


class Step(Protocol):
    """A module of this package."""

    def run(self, context: RunContext) -> dict[str, Any]:
        """Does the step's work and returns what later steps and people need of it; raises `Ending` to stop the run."""
        ...


def get_step(name: str) -> Step:
    """The step of that name (imported when it is needed, so that a worker starts fast)."""
    return cast("Step", import_module(f"jobs.steps.{name}"))
