"""When each revision is run, and whether there is anything to tell about it."""

from __future__ import annotations

import json

import pytest

from bot.migration.deploy_order import PlacedRevision, from_json, list_deploy_steps, needs_order, to_json
from bot.migration.stage import Phase


def make(revision: str, down: str | None, phase: Phase = "before", **lines: tuple[str, ...]) -> PlacedRevision:
    return PlacedRevision(revision, down, f"versions/{revision}.py", phase, **lines)


def test_what_is_run_at_one_time_is_one_step() -> None:
    revisions = (make("a", None), make("b", "a"), make("c", "b", "after"), make("d", "c", "after"))
    steps = [(step.phase, step.last, step.below) for step in list_deploy_steps(revisions)]
    assert steps == [("before", "b", "base"), ("after", "d", "b")]


@pytest.mark.parametrize(
    ("revisions", "needed"),
    [
        ((), False),
        ((make("a", None),), False),
        ((make("a", None, "with"),), False),
        ((make("a", None, "after"),), True),
        ((make("a", None, blocking=("x",)),), True),
        ((make("a", None, lossy=("x",)),), True),
        ((make("a", None), make("b", "a")), True),
    ],
)
def test_one_revision_with_nothing_special_needs_no_words(revisions: tuple[PlacedRevision, ...], needed: bool) -> None:
    assert needs_order(revisions) == needed


def test_it_survives_json() -> None:
    revision = make("a", None, "after", blocking=("x",), lossy=("y", "z"), notes=("n",))
    assert from_json(json.loads(json.dumps(to_json(revision)))) == revision
